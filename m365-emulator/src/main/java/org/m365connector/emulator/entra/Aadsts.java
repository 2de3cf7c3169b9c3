package org.m365connector.emulator.entra;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.m365connector.emulator.directory.AppRegistration;

/**
 * The errors of Entra ID by their AADSTS number. Texts are Microsoft's; where the OAuth error belonging to a number is not
 * documented, it is the one seen in public error reports.
 */
final class Aadsts {

    private static final DateTimeFormatter SEVEN_DIGITS = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final String MFA_CLAIMS =
            "{\"access_token\":{\"polids\":{\"essential\":true,\"Values\":[\"9ab03e19-ed42-4168-b6b7-7001fb3e933a\"]}}}";
    private static final String BLOCKED_CLAIMS =
            "{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"355bb3c5-e6c9-48d2-8ff2-5ea6b7a1fd05\"]}}}";

    private Aadsts() {}

    // The request itself

    static EntraError missingParameter(String name) {
        return request(900144, "The request body must contain the following parameter: '" + name + "'.");
    }

    static EntraError duplicateParameter(String name) {
        return request(9000411, "The request is not properly formatted. The parameter '" + name + "' is duplicated.");
    }

    static EntraError malformed() {
        return request(9002313, "Invalid request. Request is malformed or invalid.");
    }

    static EntraError onlyPost(String method) {
        return request(900561, "The endpoint only accepts POST requests. Received a " + method + " request.");
    }

    static EntraError resourceParameter() {
        return request(901002, "The 'resource' request parameter isn't supported.");
    }

    static EntraError crossOrigin(String origin) {
        return request(
                9002326,
                "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request"
                        + " origin: '" + origin + "'.");
    }

    static EntraError unsupportedValue(String parameter, String value) {
        return request(90023, "Unsupported '" + parameter + "' value '" + value + "'.");
    }

    static EntraError unsupportedGrant(String grant) {
        return error("unsupported_grant_type", 70003, "The app requested an unsupported grant type '" + grant + "'.");
    }

    // Tenant and app

    static EntraError tenantNotFound(String tenant) {
        return request(
                90002,
                "Tenant '" + tenant
                        + "' not found. Check to make sure you have the correct tenant ID and are signing into"
                        + " the correct cloud.");
    }

    static EntraError notATenantName(String tenant) {
        return request(
                900023,
                "Specified tenant identifier '" + tenant
                        + "' is neither a valid DNS name, nor a valid external domain.");
    }

    static EntraError noTenant() {
        return request(
                50059,
                "No tenant-identifying information found in either the request or implied by any provided credentials.");
    }

    static EntraError notOverAlias() {
        return request(
                9001023,
                "The grant type isn't supported over the /common or /consumers endpoints. Please use the /organizations or"
                        + " tenant-specific endpoint.");
    }

    static EntraError appNotFound(String clientId, String tenant) {
        return error(
                "unauthorized_client",
                700016,
                "Application with identifier '" + clientId + "' was not found in the directory '" + tenant
                        + "'. This can"
                        + " happen if the application has not been installed by the administrator of the tenant or"
                        + " consented to by any user in the tenant. You may have sent your authentication request to the"
                        + " wrong tenant.");
    }

    static EntraError appDisabled(AppRegistration app) {
        return error(
                "unauthorized_client",
                7000112,
                "Application '" + app.clientId() + "'(" + app.displayName() + ") is disabled.");
    }

    static EntraError notMultiTenant(AppRegistration app) {
        return request(
                50194,
                "Application '" + app.clientId() + "'(" + app.displayName() + ") is not configured as a multi-tenant"
                        + " application. Usage of the /common endpoint is not supported for such applications created"
                        + " after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be"
                        + " multi-tenant.");
    }

    static EntraError notForConsumers(AppRegistration app) {
        return request(
                9002332,
                "Application '" + app.clientId() + "'(" + app.displayName() + ") is configured for use by Azure Active"
                        + " Directory users only. Please do not use the /consumers endpoint to serve this request.");
    }

    static EntraError notEnabledForConsumers() {
        return error(
                "unauthorized_client",
                50020,
                "The client does not exist or is not enabled for consumers. If you are the application developer, configure"
                        + " a new application through the App Registrations in the Azure Portal.");
    }

    static EntraError redirectUri(String uri, AppRegistration app) {
        return request(
                50011,
                "The redirect URI '" + uri
                        + "' specified in the request does not match the redirect URIs configured for"
                        + " the application '" + app.clientId() + "'. Make sure the redirect URI sent in the request"
                        + " matches one added to your application in the Azure portal. Navigate to"
                        + " https://aka.ms/redirectUriMismatchError to learn more about how to fix this.");
    }

    // Client credentials

    static EntraError missingCredential(int status) {
        return client(
                status,
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
    }

    static EntraError wrongSecret(int status, AppRegistration app) {
        return client(
                status,
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not"
                        + " the client secret ID, for a secret added to app '" + app.clientId() + "'.");
    }

    static EntraError expiredSecret(int status, AppRegistration app) {
        return client(
                status,
                7000222,
                "The provided client secret keys for app '" + app.clientId()
                        + "' are expired. Visit the Azure portal to"
                        + " create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate"
                        + " credentials for added security: https://aka.ms/certCreds.");
    }

    static EntraError publicClient(int status) {
        return client(
                status,
                700025,
                "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.");
    }

    static EntraError unknownCertificate(int status) {
        return client(
                status,
                700027,
                "The certificate with identifier used to sign the client assertion is not registered on application."
                        + " [Reason - The key was not found.]");
    }

    static EntraError expiredCertificate(int status) {
        return client(
                status,
                700027,
                "The certificate with identifier used to sign the client assertion is expired on application."
                        + " [Reason - The key used is expired.]");
    }

    static EntraError assertionSignature(int status) {
        return client(
                status,
                700027,
                "Client assertion failed signature validation. [Reason - The key was found, but use of the key to verify the"
                        + " signature failed.]");
    }

    static EntraError assertionTime(int status, AppRegistration app) {
        return client(
                status,
                700024,
                "Client assertion is not within its valid time range. Ensure that the clocks are in step and that the"
                        + " assertion of app '" + app.clientId() + "' has not expired.");
    }

    static EntraError assertionAudience(int status) {
        return client(
                status,
                700023,
                "Client assertion audience claim does not match Realm issuer. Review the documentation at"
                        + " https://docs.microsoft.com/azure/active-directory/develop/active-directory-certificate-credentials.");
    }

    static EntraError assertionIssuer(int status, AppRegistration app) {
        return client(
                status,
                700021,
                "Client assertion application identifier doesn't match 'client_id' parameter '" + app.clientId()
                        + "'.");
    }

    /** Also for an assertion that has been used before. */
    static EntraError assertionInvalid(int status, String reason) {
        return client(status, 50027, "JWT token is invalid or malformed. [Reason - " + reason + "]");
    }

    static EntraError assertionType(String type) {
        return request(70002, "The client assertion type '" + type + "' isn't supported or the assertion is missing.");
    }

    static EntraError noFederation(int status, int number, String what, String value) {
        return client(
                status,
                number,
                "No matching federated identity record found for presented assertion " + what + " '" + value
                        + "'. Check your federated identity credential Subject, Audience and Issuer against the presented"
                        + " assertion.");
    }

    static EntraError replyAddress(int status, String given, String requested) {
        return client(
                status,
                500112,
                "The reply address '" + given + "' does not match the reply address '" + requested
                        + "' provided when requesting Authorization code.");
    }

    // Scopes

    static EntraError invalidScope(String scope) {
        return error(
                "invalid_scope",
                70011,
                "The provided request must include a 'scope' input parameter. The provided value for the input parameter"
                        + " 'scope' is not valid. The scope " + scope + " is not valid.");
    }

    static EntraError defaultMixed(String scope) {
        return error(
                "invalid_scope",
                70011,
                "The provided request must include a 'scope' input parameter. The provided value for the input parameter"
                        + " 'scope' is not valid. The scope " + scope
                        + " is not valid. .default scope can't be combined"
                        + " with resource-specific scopes.");
    }

    static EntraError severalResources(String scope) {
        return request(
                28000,
                "Provided value for the input parameter scope is not valid because it contains more than one resource."
                        + " Scope " + scope + " is not valid.");
    }

    static EntraError unknownScope(AppRegistration app, String scope, String resourceId) {
        return error(
                "invalid_client",
                650053,
                "The application '" + app.displayName() + "' asked for scope '" + scope + "' that doesn't exist on the"
                        + " resource '" + resourceId + "'. Contact the app vendor.");
    }

    static EntraError scopeNotForPersonal(String scope) {
        return error(
                "invalid_scope",
                70011,
                "The provided value for the input parameter 'scope' is not valid. The scope '" + scope
                        + "' does not exist.");
    }

    static EntraError notDefault(String scope) {
        return error(
                "invalid_scope",
                1002012,
                "The provided value for scope " + scope
                        + " is not valid. Client credential flows must have a scope value"
                        + " with /.default suffixed to the resource identifier (application ID URI).");
    }

    static EntraError unknownResource(String resource, String tenant) {
        return error(
                "invalid_resource",
                500011,
                "The resource principal named " + resource + " was not found in the tenant named " + tenant
                        + ". This can"
                        + " happen if the application has not been installed by the administrator of the tenant or"
                        + " consented to by any user in the tenant. You might have sent your authentication request to"
                        + " the wrong tenant.");
    }

    static EntraError consentRequired(AppRegistration app) {
        return grant(
                        65001,
                        "The user or administrator has not consented to use the application with ID '" + app.clientId()
                                + "' named '" + app.displayName() + "'. Send an interactive authorization request for"
                                + " this user and resource.")
                .withSuberror("consent_required");
    }

    static EntraError declinedConsent() {
        return error("access_denied", 65004, "User declined to consent to access the app.");
    }

    /** At the admin consent endpoint; the same refusal is {@code access_denied} at /authorize. */
    static EntraError declinedAdminConsent() {
        return error("consent_required", 65004, "The resource owner or authorization server denied the request.");
    }

    static EntraError adminConsentForConsumers() {
        return request(
                90124,
                "Admin consent is not supported over the /consumers endpoint. Please use"
                        + " the /organizations or tenant-specific endpoint.");
    }

    static EntraError adminConsentRequired(AppRegistration app) {
        return error(
                "access_denied",
                90094,
                app.displayName() + " needs permission to access resources in your organization that only an admin can"
                        + " grant. Please ask an admin to grant permission to this app before you can use it.");
    }

    // People

    static EntraError userNotFound() {
        return grant(
                50034,
                "The user account does not exist in the directory. To sign into this application, the account must be added"
                        + " to the directory.");
    }

    static EntraError wrongPassword() {
        return grant(50126, "Error validating credentials due to invalid username or password.");
    }

    static EntraError passwordExpired() {
        return grant(50055, "The password is expired.").withSuberror("user_password_expired");
    }

    static EntraError blocked() {
        return grant(50057, "The user account is disabled.");
    }

    static EntraError foreignAccount(String upn, String provider, String tenant, AppRegistration app) {
        return request(
                50020,
                "User account '" + upn + "' from identity provider '" + provider + "' does not exist in tenant '"
                        + tenant
                        + "' and cannot access the application '" + app.clientId() + "'(" + app.displayName() + ") in"
                        + " that tenant. The account needs to be added as an external user in the tenant first. Sign out"
                        + " and sign in again with a different Azure Active Directory user account.");
    }

    static EntraError mfaRequired() {
        return error(
                        "interaction_required",
                        50076,
                        "Due to a configuration change made by your administrator, or because you moved to a new location,"
                                + " you must use multi-factor authentication to access"
                                + " '00000003-0000-0000-c000-000000000000'.")
                .withSuberror("basic_action")
                .withClaims(MFA_CLAIMS);
    }

    /** A policy that the answer to a claims challenge has to satisfy. */
    static EntraError stepUpRequired(String claims) {
        return error(
                        "interaction_required",
                        50158,
                        "External security challenge not satisfied. User will be redirected to another page or"
                                + " authentication provider to satisfy additional authentication challenges.")
                .withSuberror("additional_action")
                .withClaims(claims);
    }

    static EntraError blockedByPolicy() {
        return grant(
                        53003,
                        "Access has been blocked by Conditional Access policies. The access policy does not allow token"
                                + " issuance.")
                .withSuberror("message_only")
                .withClaims(BLOCKED_CLAIMS);
    }

    static EntraError noSession() {
        return error("login_required", 50058, "A silent sign-in request was sent but no user is signed in.");
    }

    static EntraError severalSessions() {
        return error(
                "interaction_required",
                16000,
                "Either multiple user identities are available for the current request or selected account is not supported"
                        + " for the scenario.");
    }

    static EntraError sessionRevoked() {
        return error("login_required", 50133, "Session is invalid due to expiration or recent password change.");
    }

    static EntraError signInPageExpired() {
        return error("invalid_grant", 50089, "Authentication failed due to flow token expired.");
    }

    // Codes and refresh tokens

    static EntraError invalidGrant() {
        return grant(70000, "Provided grant is invalid or malformed.").withSuberror("bad_token");
    }

    static EntraError invalidCode() {
        return grant(70000, "The provided value for the 'code' parameter is not valid.");
    }

    static EntraError codeExpired() {
        return grant(
                70008,
                "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive"
                        + " authorization request for this user and resource.");
    }

    static EntraError codeRedeemed() {
        return grant(
                54005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing"
                        + " refresh token.");
    }

    static EntraError codeOfOtherTenant() {
        return grant(
                700005,
                "Provided Authorization Code is intended to use against other tenant, thus rejected. OAuth2 Authorization"
                        + " Code must be redeemed against same tenant it was acquired for.");
    }

    static EntraError verifierMismatch() {
        return grant(
                501481, "The Code_Verifier does not match the code_challenge supplied in the authorization request.");
    }

    static EntraError challengeSize() {
        return request(501491, "Invalid size of Code_Challenge parameter.");
    }

    static EntraError challengeMethod() {
        return request(50149, "Invalid Code_Challenge_method parameter.");
    }

    static EntraError revoked(Instant issued, Instant validFrom) {
        return grant(
                        50173,
                        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might"
                                + " have changed or reset their password. The grant was issued on '"
                                + SEVEN_DIGITS.format(issued)
                                + "' and the TokensValidFrom date (before which tokens are"
                                + " not valid) for this user is '" + SEVEN_DIGITS.format(validFrom) + "'.")
                .withSuberror("bad_token");
    }

    static EntraError inactive(Instant issued, Duration idle) {
        return grant(
                        700082,
                        "The refresh token has expired due to inactivity. The token was issued on "
                                + SEVEN_DIGITS.format(issued) + " and was inactive for " + days(idle) + ".")
                .withSuberror("bad_token");
    }

    static EntraError signInFrequency(Instant issued, Duration allowed) {
        return grant(
                        70043,
                        "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access."
                                + " The token was issued on " + SEVEN_DIGITS.format(issued) + " and the maximum allowed"
                                + " lifetime for this request is " + allowed.toSeconds() + ".")
                .withSuberror("basic_action");
    }

    static EntraError loop() {
        return grant(50196, "The server terminated an operation because it encountered a client request loop.");
    }

    // Device code

    static EntraError devicePending() {
        return error(
                "authorization_pending",
                70016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
    }

    static EntraError deviceSlowDown() {
        return error("slow_down", 70016, "OAuth 2.0 device flow error. The client polls too often. Slow down.");
    }

    static EntraError deviceDeclined() {
        return error("authorization_declined", 70017, "The end user has declined the authorization request.");
    }

    static EntraError deviceBadCode() {
        return error(
                "bad_verification_code",
                70018,
                "Invalid verification code due to User typing in wrong user code for device code flow. Authorization isn't"
                        + " approved.");
    }

    static EntraError deviceExpired() {
        return error(
                "expired_token",
                70020,
                "The provided value for the input parameter 'device_code' is not valid. This device code has expired.");
    }

    // Response parameters of /authorize

    static EntraError responseType(String value) {
        return error(
                "unsupported_response_type",
                70005,
                "The app returned an unsupported response type: '" + value + "' isn't supported.");
    }

    static EntraError idTokenNotEnabled() {
        return error(
                "unsupported_response_type", 700054, "response_type 'id_token' is not enabled for the application.");
    }

    static EntraError responseMode(String value) {
        return request(70007, "'" + value + "' isn't a supported value of 'response_mode' when requesting a token.");
    }

    // Throttling

    static EntraError clientThrottled() {
        return new EntraError(
                429, "temporarily_unavailable", 90055, "Tenant is throttled due to too many incoming requests.");
    }

    private static EntraError request(int number, String text) {
        return error("invalid_request", number, text);
    }

    private static EntraError grant(int number, String text) {
        return error("invalid_grant", number, text);
    }

    private static EntraError client(int status, int number, String text) {
        return new EntraError(status, "invalid_client", number, text);
    }

    private static EntraError error(String error, int number, String text) {
        return new EntraError(400, error, number, text);
    }

    /** Duration as .NET writes it: 90.00:00:00. */
    private static String days(Duration time) {
        return String.format(
                Locale.ROOT,
                "%d.%02d:%02d:%02d",
                time.toDays(),
                time.toHoursPart(),
                time.toMinutesPart(),
                time.toSecondsPart());
    }
}
