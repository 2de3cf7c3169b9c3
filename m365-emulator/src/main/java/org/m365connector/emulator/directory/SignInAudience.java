package org.m365connector.emulator.directory;

/** Who may sign in to an app; named as in the app manifest. */
public enum SignInAudience {
    AzureADMyOrg(false, false),
    AzureADMultipleOrgs(true, false),
    AzureADandPersonalMicrosoftAccount(true, true),
    PersonalMicrosoftAccount(false, true);

    private final boolean otherTenants;
    private final boolean personalAccounts;

    SignInAudience(boolean otherTenants, boolean personalAccounts) {
        this.otherTenants = otherTenants;
        this.personalAccounts = personalAccounts;
    }

    public boolean otherTenants() {
        return otherTenants;
    }

    public boolean personalAccounts() {
        return personalAccounts;
    }
}
