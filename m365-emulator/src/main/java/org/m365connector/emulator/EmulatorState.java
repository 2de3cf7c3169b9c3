package org.m365connector.emulator;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.ClientSecret;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.SignInAudience;
import org.m365connector.emulator.directory.Tenant;
import org.m365connector.emulator.directory.UserAccount;
import org.m365connector.emulator.http.Faults;
import org.m365connector.emulator.http.RequestLog;
import org.m365connector.emulator.tokens.TokenInspector;
import org.m365connector.emulator.tokens.TokenIssuer;

/**
 * What the two halves of the emulator share. There is one event loop, and everything here except the clock is touched on
 * it alone, so nothing is locked.
 */
public final class EmulatorState {

    private final Vertx vertx;
    private final EmulatorOptions options;
    private final Limits limits;
    private final EmulatorClock clock = new EmulatorClock();
    private final Directory directory = new Directory();
    private final TokenIssuer tokenIssuer;
    private final TokenInspector tokens;
    private final RequestLog requests = new RequestLog();
    private final Faults faults = new Faults(this);
    private final List<Runnable> onReset = new ArrayList<>();

    EmulatorState(Vertx vertx, EmulatorOptions options) {
        this.vertx = vertx;
        this.options = options;
        this.limits = Limits.of(options);
        this.tokenIssuer = new TokenIssuer(clock, limits);
        this.tokens = new TokenInspector(tokenIssuer, directory, clock);
        seed();
    }

    public Vertx vertx() {
        return vertx;
    }

    public EmulatorOptions options() {
        return options;
    }

    public Limits limits() {
        return limits;
    }

    public EmulatorClock clock() {
        return clock;
    }

    public Directory directory() {
        return directory;
    }

    /** Issues tokens; tests of the Graph half may ask it directly. */
    public TokenIssuer tokenIssuer() {
        return tokenIssuer;
    }

    /** Judges bearer tokens. */
    public TokenInspector tokens() {
        return tokens;
    }

    public RequestLog requests() {
        return requests;
    }

    public Faults faults() {
        return faults;
    }

    /** Registers what must be done on a reset; it is run after the directory has been seeded again. */
    public void onReset(Runnable action) {
        onReset.add(action);
    }

    /** Back to the seeded tenant. Refresh tokens, codes and sessions are void; access tokens live on until they expire, as ever. */
    public void reset() {
        clock.reset();
        limits.reset();
        tokenIssuer.reset();
        directory.clear();
        requests.reset();
        faults.clear();
        seed();
        onReset.forEach(Runnable::run);
    }

    private void seed() {
        Tenant contoso = new Tenant(
                Seed.TENANT_ID, Seed.TENANT_NAME, List.of(Seed.DOMAIN, "contoso.onmicrosoft.example"), false);
        Tenant personal = new Tenant(Seed.PERSONAL_TENANT_ID, "Microsoft Accounts", List.of("outlook.example"), true);
        directory.add(contoso);
        directory.add(personal);
        directory.add(new UserAccount(contoso, Seed.ADA_OID, Seed.ADA, "Ada", "Lovelace", Seed.PASSWORD, true));
        directory.add(new UserAccount(contoso, Seed.BEN_OID, Seed.BEN, "Ben", "Okafor", Seed.PASSWORD, false));
        directory.add(new UserAccount(contoso, Seed.CLARA_OID, Seed.CLARA, "Clara", "Weiß", Seed.PASSWORD, false));
        directory.add(new UserAccount(contoso, Seed.PORTAL_OID, Seed.PORTAL, "Portal", "", Seed.PASSWORD, false));
        directory.add(new UserAccount(personal, Seed.DORA_OID, Seed.DORA, "Dora", "Maar", Seed.PASSWORD, false));

        AppRegistration app = new AppRegistration(contoso, Seed.CLIENT_ID, Seed.APP_NAME, Seed.SERVICE_PRINCIPAL_ID);
        app.setSecrets(
                List.of(new ClientSecret(Seed.CLIENT_SECRET, clock.instant().plus(Duration.ofDays(700)))));
        app.setRedirectUris(options.redirectUris());
        app.setSignInAudience(SignInAudience.AzureADandPersonalMicrosoftAccount);
        app.setPublicClientFlows(true);
        app.setTenantConsents(Seed.TENANT_CONSENTS);
        app.setApplicationGrants(Seed.APPLICATION_GRANTS);
        app.setRequiredPermissions(Seed.REQUIRED_DELEGATED, Seed.APPLICATION_GRANTS);
        directory.add(app);
    }
}
