package org.m365connector.local.suite;

/** The users of the demo portal, by the Intrexx GUID that a portal would know them by. */
public enum Person {
    ADA("ada", "Ada", "Lovelace", "A0"),
    BEN("ben", "Ben", "Okafor", "B1"),
    CLARA("clara", "Clara", "Weiß", "C2"),
    /** A user of the portal whom nobody gave an account. */
    EVE("eve", "Eve", "Moneypenny", "E3");

    private final String login;
    private final String firstName;
    private final String lastName;
    private final String prefix;

    Person(String login, String firstName, String lastName, String prefix) {
        this.login = login;
        this.firstName = firstName;
        this.lastName = lastName;
        this.prefix = prefix;
    }

    public String login() {
        return login;
    }

    public String firstName() {
        return firstName;
    }

    public String lastName() {
        return lastName;
    }

    /** 40 upper-case hexadecimal digits, as Intrexx makes them; fixed, so that pages and tests may name them. */
    public String guid() {
        return prefix + "5E".repeat(19);
    }
}
