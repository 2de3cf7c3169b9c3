package org.m365connector.emulator;

import java.util.List;
import java.util.Set;

/** What the emulator holds after its start and after every reset. All ids are fixed, so tests and pages may name them. */
public final class Seed {

    public static final String TENANT_ID = "7e0ad5c1-2f4a-4c1b-9a52-3f0c8d5e1a01";
    public static final String TENANT_NAME = "Contoso";
    public static final String DOMAIN = "contoso.example";

    /** The tenant of all personal Microsoft accounts; the same id as in the real world. */
    public static final String PERSONAL_TENANT_ID = "9188040d-6c67-4c5b-b112-36a304b66dad";

    /** The one password of every seeded account. */
    public static final String PASSWORD = "Passw0rd!";
    /** What the second factor's page wants to read from an account that must use one. */
    public static final String SECOND_FACTOR = "246810";

    /** Ada Lovelace: administrator of the tenant, owner of the team. */
    public static final String ADA = "ada@contoso.example";

    public static final String ADA_OID = "ada00000-4a1d-4e0b-8f5e-5d0c1b6a7e01";
    public static final String BEN = "ben@contoso.example";
    public static final String BEN_OID = "be200000-6b2e-4f1c-9a6f-6e1d2c7b8f02";
    public static final String CLARA = "clara@contoso.example";
    public static final String CLARA_OID = "c1a7a000-7c3f-4a2d-8b70-7f2e3d8c9a03";
    /** The impersonal account that a portal may sign in as. */
    public static final String PORTAL = "portal@contoso.example";

    public static final String PORTAL_OID = "d0c7a100-8d4a-4b3e-9c81-8a3f4e9dab04";
    /** A personal Microsoft account. */
    public static final String DORA = "dora@outlook.example";

    public static final String DORA_OID = "00000000-0000-0000-40c0-3bac188d01d1";

    public static final String TEAM_NAME = "Project Phoenix";
    public static final String TEAM_ID = "f0e1d2c3-5a6b-4c7d-8e9f-0a1b2c3d4e05";
    public static final String GENERAL = "General";
    public static final String GENERAL_ID = "19:a1Phoenix0General0000000000000001@thread.tacv2";
    public static final String MILESTONES = "Milestones";
    public static final String MILESTONES_ID = "19:b2Phoenix0Milestones000000000002@thread.tacv2";

    /** The chat of ada and ben. */
    public static final String CHAT_ID = "19:" + ADA_OID + "_" + BEN_OID + "@unq.gbl.spaces";

    /** An app in the organisation's catalogue of Teams apps. */
    public static final String TEAMS_APP_ID = "7ea35a99-0c1d-4b6e-8f7a-9b0c1d2e3f07";

    public static final String CLIENT_ID = "c0ffee00-1111-4222-8333-444455556666";
    public static final String CLIENT_SECRET = "emulator-secret";
    public static final String APP_NAME = "Connector for portals";
    /** Object id of the app's service principal in the tenant: {@code oid} and {@code sub} of its app-only tokens. */
    public static final String SERVICE_PRINCIPAL_ID = "5e7c1ce0-9e5b-4c4f-8d92-9b4a5faebc06";

    /** {@code *} stands for any port; Entra has this for native clients only, the seed allows it for tests on free ports. */
    public static final List<String> REDIRECT_URIS =
            List.of("http://localhost:8081/oauth2/callback", "http://localhost:*/oauth2/callback");

    /** Delegated permissions that the administrator has consented to for everybody. */
    public static final Set<String> TENANT_CONSENTS = Set.of("ChannelMessage.Read.All");

    /** Application permissions that the administrator has granted. */
    public static final Set<String> APPLICATION_GRANTS = Set.of(
            "Mail.ReadWrite",
            "Mail.Send",
            "User.Read.All",
            "ChannelMessage.Read.All",
            "Team.ReadBasic.All",
            "Channel.ReadBasic.All",
            "Chat.ReadBasic.All",
            "Chat.Read.All",
            "Calendars.Read",
            "Contacts.Read",
            "Files.ReadWrite.All");

    /** Delegated permissions that the registration lists; consented to by each user, or for all by an administrator. */
    public static final Set<String> REQUIRED_DELEGATED = Set.of(
            "User.Read",
            "Mail.ReadWrite",
            "Mail.Send",
            "ChannelMessage.Read.All",
            "ChannelMessage.Send",
            "Team.ReadBasic.All",
            "Channel.ReadBasic.All",
            "Chat.Read",
            "Calendars.Read",
            "Contacts.Read",
            "Files.ReadWrite.All");

    private Seed() {}
}
