package org.m365connector.auth.portal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.m365connector.auth.AuthProblem;
import org.m365connector.auth.permission.Feature;
import org.m365connector.events.Entitlement;
import org.m365connector.events.EventCodec;
import org.m365connector.problem.ProblemException;
import org.m365connector.problem.RequestProblem;

/** Entitlements as an administrator writes them, where a typing error must not make one unlimited, and as they are stored. */
final class EntitlementText {

    private static final Logger LOG = Logger.getLogger(EntitlementText.class);

    private static final String FIELD = "entitlement";
    private static final List<String> MEMBERS = List.of("from", "until", "features", "users");

    private static final ObjectMapper JSON =
            EventCodec.json().copy().disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT);

    private EntitlementText() {}

    /**
     * What an administrator wants.
     *
     * @return empty for {@code null}: no limit
     * @throws ProblemException {@code invalid-request} with the member's name, {@code feature-unknown}
     */
    static Optional<Entitlement> parse(JsonNode wanted) {
        if (wanted.isNull()) {
            return Optional.empty();
        }
        if (!wanted.isObject()) {
            throw invalid("");
        }
        for (Map.Entry<String, JsonNode> member : wanted.properties()) {
            boolean isTime = member.getKey().equals("from") || member.getKey().equals("until");
            // A number would be taken for seconds since 1970.
            if (!MEMBERS.contains(member.getKey())
                    || (isTime && member.getValue().isNumber())) {
                throw invalid("." + member.getKey());
            }
        }
        Entitlement entitlement;
        try {
            entitlement = JSON.treeToValue(wanted, Entitlement.class);
        } catch (JsonProcessingException e) {
            throw invalid(member(e)).causedBy(e);
        }
        entitlement.features().ifPresent(features -> features.forEach(EntitlementText::requireKnown));
        return Optional.of(entitlement);
    }

    static String write(Entitlement entitlement) {
        try {
            return JSON.writeValueAsString(entitlement);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an entitlement is always JSON", e);
        }
    }

    /** What is stored. Before entitlements were enforced anything was, and what cannot be read then limits nobody now. */
    static Optional<Entitlement> read(String portal, String stored) {
        try {
            return Optional.ofNullable(JSON.readValue(stored, Entitlement.class));
        } catch (JsonProcessingException e) {
            LOG.errorf("Stored entitlement cannot be read, the portal is not limited portal=%s", portal);
            return Optional.empty();
        }
    }

    private static void requireKnown(String feature) {
        if (Feature.ofSlug(feature).isEmpty()) {
            throw new ProblemException(AuthProblem.FEATURE_UNKNOWN, feature, String.join(", ", Feature.slugs()))
                    .with("field", FIELD + ".features");
        }
    }

    private static String member(JsonProcessingException e) {
        return e instanceof JsonMappingException mapping
                ? mapping.getPath().stream()
                        .filter(step -> step.getFieldName() != null)
                        .map(step -> "." + step.getFieldName())
                        .collect(Collectors.joining())
                : "";
    }

    private static ProblemException invalid(String member) {
        return new ProblemException(RequestProblem.INVALID_REQUEST).with("field", FIELD + member);
    }
}
