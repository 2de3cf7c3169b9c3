package org.m365connector.sync.rich;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.VerificationKeyResolver;
import org.jose4j.lang.JoseException;
import org.m365connector.events.RegistrationRecord;

/**
 * Whether notifications with content are Graph's. A token proves it that Entra has signed (RS256), for our app, in the tenant of the
 * notification, which is the registration's, now, issued to one who publishes notifications; in its v1 or its v2 shape, each with
 * its own issuer, keys and claim for the publisher.
 */
@ApplicationScoped
class ValidationTokens {
    private static final int SKEW_SECONDS = 300;
    private static final String GLOBAL = "global";

    private final SigningKeys signingKeys;
    private final EntraConfig.Global global;
    private final EntraConfig.Further further;
    private final List<String> publishers;
    private final Clock clock;

    ValidationTokens(
            SigningKeys signingKeys,
            EntraConfig.Global global,
            EntraConfig.Further further,
            RichConfig config,
            Clock clock) {
        this.signingKeys = signingKeys;
        this.global = global;
        this.further = further;
        this.publishers = config.publishers();
        this.clock = clock;
    }

    /**
     * Whether one of the tokens proves it. The others may be of other apps, whose notifications came in the same body.
     *
     * @param tenant that the notification says it is of
     */
    boolean prove(List<String> tokens, RegistrationRecord registration, String tenant) {
        Optional<String> authority = authority(registration.cloud());
        boolean ours = registration.clientId().isPresent()
                && authority.isPresent()
                && registration.tenantId().filter(tenant::equalsIgnoreCase).isPresent();
        return ours
                && tokens.stream()
                        .anyMatch(token -> isGood(token, registration.clientId().get(), tenant, authority.get()));
    }

    private Optional<String> authority(String cloud) {
        return cloud.equals(GLOBAL)
                ? Optional.of(global.authority())
                : Optional.ofNullable(further.byName().get(cloud)).map(EntraConfig.Further.Cloud::authority);
    }

    private boolean isGood(String token, String clientId, String tenant, String authority) {
        try {
            JwtClaims claims = new JwtConsumerBuilder()
                    .setVerificationKeyResolver(keys(authority))
                    .setJwsAlgorithmConstraints(
                            new AlgorithmConstraints(ConstraintType.PERMIT, AlgorithmIdentifiers.RSA_USING_SHA256))
                    .setExpectedAudience(true, clientId)
                    .setRequireExpirationTime()
                    .setAllowedClockSkewInSeconds(SKEW_SECONDS)
                    .setEvaluationTime(
                            NumericDate.fromMilliseconds(clock.instant().toEpochMilli()))
                    .build()
                    .processToClaims(token);
            return tenant.equalsIgnoreCase(claims.getStringClaimValue("tid"))
                    && issuer(claims, authority).equals(claims.getIssuer())
                    && isPublisher(claims.getStringClaimValue(isV2(claims) ? "azp" : "appid"));
        } catch (InvalidJwtException | MalformedClaimException e) {
            // Its message holds the token.
            return false;
        }
    }

    private boolean isPublisher(String app) {
        return publishers.stream().anyMatch(publisher -> publisher.equalsIgnoreCase(app));
    }

    private static boolean isV2(JwtClaims claims) throws MalformedClaimException {
        return "2.0".equals(claims.getStringClaimValue("ver"));
    }

    private static String issuer(JwtClaims claims, String authority) throws MalformedClaimException {
        String tid = claims.getStringClaimValue("tid");
        return isV2(claims) ? authority + "/" + tid + "/v2.0" : "https://sts.windows.net/" + tid + "/";
    }

    /** The two shapes are signed with keys of two documents. What is not verified yet decides on nothing but which of them is asked. */
    private VerificationKeyResolver keys(String authority) {
        return (signature, nesting) -> signingKeys
                .at(authority + (saysV2(signature) ? "/common/discovery/v2.0/keys" : "/common/discovery/keys"))
                .resolveKey(signature, nesting);
    }

    private static boolean saysV2(JsonWebSignature signature) {
        try {
            Map<String, Object> claims = org.jose4j.json.JsonUtil.parseJson(signature.getUnverifiedPayload());
            return "2.0".equals(claims.get("ver"));
        } catch (JoseException e) {
            return false;
        }
    }
}
