package org.m365connector.auth.token;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.eclipse.microprofile.context.ManagedExecutor;
import org.m365connector.auth.account.AccountKey;
import org.m365connector.auth.account.TokensVoid;
import org.m365connector.auth.entra.EntraClient;
import org.m365connector.auth.entra.EntraSettings;
import org.m365connector.auth.registration.RegistrationChanged;
import org.m365connector.events.AccountRecord;
import org.m365connector.events.AccountState;
import org.m365connector.view.TopicView;
import org.m365connector.view.Views;

/** Connects {@link TokenIssue} with the application: its parts, and whoever tells that tokens have lost their worth. */
@ApplicationScoped
class TokenRim {

    /** For so long after a login the view may not know of it yet. */
    private static final Duration VIEW_LAG = Duration.ofSeconds(10);

    private final Views views;
    private final Clock clock;

    TokenRim(Views views, Clock clock) {
        this.views = views;
        this.clock = clock;
    }

    @Produces
    @Singleton
    TokenIssue tokenIssue(
            TokenStore store,
            EntraClient entra,
            RegisteredApps apps,
            ToldRefusals refusals,
            TokenSettings settings,
            EntraSettings entraSettings,
            ManagedExecutor background) {
        if (settings.lease().compareTo(entraSettings.timeout().multipliedBy(2)) <= 0) {
            throw new IllegalArgumentException("m365.tokens.lease must be longer than twice m365.entra.timeout");
        }
        return new TokenIssue(
                UUID.randomUUID().toString(),
                store,
                entra,
                apps,
                refusals,
                this::outdated,
                settings,
                background,
                clock);
    }

    /** Whatever happens to an account on another replica comes by the topic. */
    void start(@Observes StartupEvent event, TokenIssue issue) {
        views.accounts().onChange((key, old, now) -> {
            if (old.isPresent()) {
                AccountRecord record = now.or(() -> old).orElseThrow();
                issue.forget(new AccountKey(record.portalId(), record.registration(), record.account()));
            }
        });
    }

    /** On this replica it need not wait for the topic. */
    void onVoid(@Observes(during = TransactionPhase.AFTER_SUCCESS) TokensVoid event, TokenIssue issue) {
        issue.forget(event.key());
    }

    void onRegistrationChanged(
            @Observes(during = TransactionPhase.AFTER_SUCCESS) RegistrationChanged event, TokenIssue issue) {
        issue.forgetFailures(event.registration().portal(), event.registration().name());
    }

    boolean outdated(AccountKey key, TokenAnswer.Issued token) {
        TopicView<AccountRecord> view = views.accounts();
        return view.get(key.toString())
                .map(record -> record.generation() > token.generation()
                        || (record.generation() == token.generation() && record.state() != AccountState.READY))
                .orElseGet(() -> token.issuedAt().isBefore(clock.instant().minus(VIEW_LAG)));
    }
}
