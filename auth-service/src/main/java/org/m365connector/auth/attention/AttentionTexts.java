package org.m365connector.auth.attention;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.ResourceBundle;

/** What people read about an attention, from {@code messages/attention.properties}, German beside it. */
final class AttentionTexts {

    static final String BUNDLE = "messages.attention";

    private final Attention attention;
    private final Locale language;
    private final ResourceBundle texts;

    AttentionTexts(Attention attention, Locale language) {
        this.attention = attention;
        this.language = language;
        this.texts = bundle(language);
    }

    static ResourceBundle bundle(Locale language) {
        return ResourceBundle.getBundle(
                BUNDLE,
                language,
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    }

    String title() {
        return text("title");
    }

    String affected() {
        return text("affected");
    }

    String repair() {
        return text("repair");
    }

    Optional<String> call() {
        String registration = "/api/portals/" + attention.portalId + "/registrations/" + attention.registration;
        return switch (attention.kind) {
            case ACCOUNT_NEEDS_LOGIN, CONSENT_MISSING ->
                attention.account().flatMap(account -> switch (account.loginMode()) {
                    case STATIC -> Optional.of("POST " + registration + "/accounts/" + account.name() + "/logins");
                    case SERVICE -> Optional.of("GET " + registration + "/setup");
                    case BROWSER -> Optional.empty();
                });
            case CREDENTIAL_EXPIRING, CREDENTIAL_EXPIRED, CREDENTIAL_REFUSED ->
                Optional.of("POST " + registration + "/credentials");
            case REGISTRATION_MISCONFIGURED -> Optional.of("POST " + registration + "/test");
            case ENTITLEMENT_ENDING, ENTITLEMENT_OVER -> Optional.of("PATCH /api/portals/" + attention.portalId);
            case NOTIFICATIONS_MISSING -> Optional.of("GET " + registration + "/watches");
            case ACCOUNT_BLOCKED -> Optional.empty();
        };
    }

    private String text(String part) {
        String account = attention.account().map(id -> id.name().value()).orElse("");
        return new MessageFormat(texts.getString(attention.kind.slug() + "." + part), language).format(new Object[] {
            attention.portalId,
            attention.registration,
            account,
            attention.subject,
            Optional.ofNullable(attention.due).map(Object::toString).orElse("?")
        });
    }
}
