package org.m365connector.emulator.graph.subscriptions;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.m365connector.emulator.graph.switches.Switches;
import org.m365connector.emulator.tokens.TokenFlaw;
import org.m365connector.emulator.tokens.TokenIssuer;

/**
 * Proves to a subscriber that items with resource data are Graph's: one token for each app and tenant among them, signed with
 * Entra's keys. The switch {@code rich.token} makes bad ones: {@code missing}, {@code wrongAudience}, {@code wrongTenant},
 * {@code wrongPublisher}, {@code tampered}, or the word of a {@link TokenFlaw}.
 */
final class ValidationTokens {

    private static final String PUBLISHER = "0bf30f3b-4a52-48df-9a82-234910c4a086";
    private static final String SOMEBODY = "11111111-2222-3333-4444-555555555555";

    private final TokenIssuer issuer;
    private final Switches switches;

    ValidationTokens(TokenIssuer issuer, Switches switches) {
        this.issuer = issuer;
        this.switches = switches;
    }

    /** Adds {@code validationTokens} where one of the items has content. */
    void addTo(ObjectNode body, List<Subscription> ofItemsWithContent) {
        String fault = switches.text("rich.token");
        if (ofItemsWithContent.isEmpty() || fault.equals("missing")) {
            return;
        }
        Map<String, Subscription> distinct = new LinkedHashMap<>();
        ofItemsWithContent.forEach(one -> distinct.putIfAbsent(one.applicationId + "/" + one.tenantId, one));
        ArrayNode tokens = body.putArray("validationTokens");
        distinct.values().forEach(one -> tokens.add(token(one, fault)));
    }

    private String token(Subscription subscription, String fault) {
        String token = issuer.validationToken(
                fault.equals("wrongAudience") ? SOMEBODY : subscription.applicationId,
                fault.equals("wrongTenant") ? SOMEBODY : subscription.tenantId,
                fault.equals("wrongPublisher") ? SOMEBODY : PUBLISHER,
                switches.number("rich.tokenVersion") == 2,
                subscription.authority,
                TokenFlaw.of(fault));
        if (!fault.equals("tampered")) {
            return token;
        }
        int at = token.lastIndexOf('.') + 5;
        return token.substring(0, at) + (token.charAt(at) == 'A' ? 'B' : 'A') + token.substring(at + 1);
    }
}
