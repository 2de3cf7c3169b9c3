package org.m365connector.auth;

import org.m365connector.problem.ProblemType;

/** What can be wrong with a request to auth-service. */
public enum AuthProblem implements ProblemType {
    PORTAL_UNKNOWN("portal-unknown", 404),
    PORTAL_EXISTS("portal-exists", 409),
    PORTAL_TOO_OLD("portal-too-old", 422),
    ORIGIN_INVALID("origin-invalid", 422),
    KEY_UNKNOWN("key-unknown", 404),
    LAST_KEY("last-key", 409),
    KAFKA_UNAVAILABLE("kafka-unavailable", 503),

    REGISTRATION_UNKNOWN("registration-unknown", 404),
    REGISTRATION_EXISTS("registration-exists", 409),
    REGISTRATION_INCOMPLETE("registration-incomplete", 409),
    FEATURE_UNKNOWN("feature-unknown", 422),
    FEATURE_NOT_PERSONAL("feature-not-personal", 422),
    CLOUD_UNKNOWN("cloud-unknown", 422),
    CREDENTIAL_UNKNOWN("credential-unknown", 404),
    LAST_CREDENTIAL("last-credential", 409),
    CERTIFICATE_UNREADABLE("certificate-unreadable", 422),
    CERTIFICATE_PASSWORD_WRONG("certificate-password-wrong", 422),
    CERTIFICATE_WITHOUT_KEY("certificate-without-key", 422),
    KEY_WITHOUT_CERTIFICATE("key-without-certificate", 422),
    CERTIFICATE_KEY_UNSUITABLE("certificate-key-unsuitable", 422),
    CERTIFICATE_KEY_FOREIGN("certificate-key-foreign", 422),
    CERTIFICATE_EXPIRED("certificate-expired", 422),
    CERTIFICATE_NOT_YET_VALID("certificate-not-yet-valid", 422),
    TOKEN_FILE_NOT_ALLOWED("token-file-not-allowed", 422),

    ACCOUNT_UNKNOWN("account-unknown", 404),
    ACCOUNT_EXISTS("account-exists", 409),
    UPN_UNKNOWN("upn-unknown", 422),
    RETURN_URL_NOT_ALLOWED("return-url-not-allowed", 422),
    LOGIN_NOT_POSSIBLE("login-not-possible", 422),
    PERSONAL_BROWSER_ONLY("personal-browser-only", 422),
    DEVICE_CODE_REFUSED("device-code-refused", 422),

    LOGIN_REQUIRED("login-required", 409),
    CONSENT_REQUIRED("consent-required", 409),
    ACCOUNT_BLOCKED("account-blocked", 409),
    NOT_ENTITLED("not-entitled", 403),
    CREDENTIAL_EXPIRED("credential-expired", 503),
    REGISTRATION_MISCONFIGURED("registration-misconfigured", 503),
    ENTRA_UNAVAILABLE("entra-unavailable", 503),
    VAULT_KEY_MISSING("vault-key-missing", 503);

    private final String slug;
    private final int status;

    AuthProblem(String slug, int status) {
        this.slug = slug;
        this.status = status;
    }

    @Override
    public String slug() {
        return slug;
    }

    @Override
    public int status() {
        return status;
    }
}
