package org.m365connector.emulator.graph.protocol;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An error answer of Microsoft Graph. Codes and texts are those that Graph was seen to send or that its pages
 * show (https://learn.microsoft.com/graph/errors); others are what is known from the field and may differ.
 */
public final class GraphError extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final String CHALLENGE =
            "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\","
                    + " client_id=\"00000003-0000-0000-c000-000000000000\"";

    private final int status;
    private final String code;
    private final transient Optional<Map<String, Object>> innerError;
    private final transient Map<String, String> headers;

    private GraphError(
            int status,
            String code,
            String message,
            Optional<Map<String, Object>> innerError,
            Map<String, String> headers) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
        this.innerError = innerError;
        this.headers = Map.copyOf(headers);
    }

    public static GraphError of(int status, String code, String message) {
        return new GraphError(status, code, message, Optional.empty(), Map.of());
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** Members of {@code innerError} besides date and ids. */
    public Map<String, Object> innerMembers() {
        return innerError.orElse(Map.of());
    }

    /** Outlook answers its throttling with code and message only. */
    boolean withoutInnerError() {
        return "ApplicationThrottled".equals(code);
    }

    public GraphError withHeader(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(name, value);
        return new GraphError(status, code, getMessage(), innerError, more);
    }

    public GraphError withInner(Map<String, Object> members) {
        return new GraphError(status, code, getMessage(), Optional.of(members), headers);
    }

    // 400

    public static GraphError badRequest(String message) {
        return of(400, "BadRequest", message);
    }

    static GraphError meWithoutUser() {
        return badRequest("/me request is only valid with delegated authentication flow.");
    }

    static GraphError unknownSegment(String segment) {
        return badRequest("Resource not found for the segment '" + segment + "'.");
    }

    public static GraphError malformedId() {
        return of(400, "ErrorInvalidIdMalformed", "Id is malformed.");
    }

    // 401

    public static GraphError unauthenticated(String message) {
        return of(401, "InvalidAuthenticationToken", message).withHeader("WWW-Authenticate", CHALLENGE);
    }

    /** Continuous access evaluation: only for clients that declared {@code cp1}. */
    static GraphError claimsChallenge(Instant notBefore) {
        return claimsChallenge(
                "Continuous access evaluation resulted in challenge with result: InteractionRequired and code:"
                        + " TokenIssuedBeforeRevocationTimestamp",
                "{\"access_token\":{\"nbf\":{\"essential\":true, \"value\":\"" + notBefore.getEpochSecond() + "\"}}}");
    }

    /** Conditional access: for every client. */
    static GraphError claimsChallenge(String claims) {
        return claimsChallenge("The presented access token does not satisfy the policies of this resource.", claims);
    }

    private static GraphError claimsChallenge(String text, String claims) {
        String encoded = Base64.getEncoder().encodeToString(claims.getBytes(StandardCharsets.UTF_8));
        return of(401, "InvalidAuthenticationToken", text)
                .withHeader(
                        "WWW-Authenticate",
                        CHALLENGE + ", error_description=\"" + text + "\", error=\"insufficient_claims\", claims=\""
                                + encoded + "\"");
    }

    // 403

    public static GraphError outlookAccessDenied() {
        return of(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
    }

    public static GraphError forbidden(String message) {
        return of(403, "Forbidden", message);
    }

    /** Even the migration permission serves only while a team is in migration mode, which it never is here. */
    public static GraphError appOnlyMessagePost(int status) {
        return of(
                status,
                status == 401 ? "Unauthorized" : "Forbidden",
                "Message POST is allowed in application-only context only for import purposes. Refer to"
                        + " https://docs.microsoft.com/microsoftteams/platform/graph-api/import-messages/import-external-messages-to-teams"
                        + " for more details.");
    }

    public static GraphError insufficientPrivileges() {
        return of(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    }

    /** Of Teams, for a person: he has no licence that includes it. */
    public static GraphError notLicensed() {
        return forbidden("Failed to get license information for the user. Ensure user has a valid Office365 license"
                        + " assigned to them.")
                .withInner(Map.of("code", "Forbidden"));
    }

    // 404

    /** Of Outlook: an account without a mailbox in Exchange Online, or with one that is not active. */
    public static GraphError mailboxNotEnabled() {
        return of(
                404,
                "MailboxNotEnabledForRESTAPI",
                "The mailbox is either inactive, soft-deleted, or is hosted on-premise.");
    }

    public static GraphError itemNotFound() {
        return of(404, "ErrorItemNotFound", "The specified object was not found in the store.");
    }

    public static GraphError folderNotFound() {
        return of(404, "ErrorFolderNotFound", "The specified folder could not be found in the store.");
    }

    public static GraphError invalidUser(String user) {
        return of(404, "ErrorInvalidUser", "The requested user '" + user + "' is invalid.");
    }

    public static GraphError directoryObjectNotFound(String id) {
        return of(
                404,
                "Request_ResourceNotFound",
                "Resource '" + id
                        + "' does not exist or one of its queried reference-property objects are not present.");
    }

    public static GraphError notFound(String message) {
        return of(404, "NotFound", message);
    }

    public static GraphError subscriptionNotFound() {
        return of(404, "ResourceNotFound", "The object was not found.");
    }

    // 405

    static GraphError methodNotAllowed() {
        return of(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
    }

    // 412

    /** Teams' words where it has no permission at all for this kind of login. */
    static GraphError contextNotSupported(boolean app) {
        return of(
                412,
                "PreconditionFailed",
                "Requested API is not supported in " + (app ? "application-only" : "delegated") + " context");
    }

    // 429

    public static GraphError tooManyRequests(long retryAfterSeconds) {
        return of(429, "TooManyRequests", "Please retry again later.")
                .withInner(Map.of("code", "429", "message", "Please retry after", "status", "429"))
                .withHeader("Retry-After", Long.toString(retryAfterSeconds));
    }

    public static GraphError mailboxConcurrency(long retryAfterSeconds) {
        return of(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.")
                .withHeader("Retry-After", Long.toString(retryAfterSeconds));
    }
}
