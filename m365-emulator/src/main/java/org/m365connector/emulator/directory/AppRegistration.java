package org.m365connector.emulator.directory;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An app registration and its service principal in the home tenant. Only ever touched on the emulator's event loop. */
public final class AppRegistration {

    private final String clientId;
    private final String displayName;
    private final String servicePrincipalId;
    private final Tenant tenant;
    private final List<ClientSecret> secrets = new ArrayList<>();
    private final List<X509Certificate> certificates = new ArrayList<>();
    private final List<FederatedCredential> federatedCredentials = new ArrayList<>();
    private final List<String> redirectUris = new ArrayList<>();
    private final Set<String> tenantConsents = new LinkedHashSet<>();
    private final Map<String, Set<String>> userConsents = new HashMap<>();
    /** Each with the moment of the consent. */
    private final Map<String, Instant> applicationGrants = new LinkedHashMap<>();

    private final Set<String> requiredDelegated = new LinkedHashSet<>();
    private final Set<String> requiredApplication = new LinkedHashSet<>();
    private SignInAudience signInAudience = SignInAudience.AzureADMyOrg;
    private boolean publicClientFlows;
    private boolean deviceCodeBlocked;
    private boolean disabled;
    private boolean revokeOldRefreshTokens;
    private Duration consentVisibleAfter = Duration.ZERO;

    public AppRegistration(Tenant tenant, String clientId, String displayName, String servicePrincipalId) {
        this.tenant = tenant;
        this.clientId = clientId;
        this.displayName = displayName;
        this.servicePrincipalId = servicePrincipalId;
    }

    public String clientId() {
        return clientId;
    }

    public String displayName() {
        return displayName;
    }

    /** The home tenant. */
    public Tenant tenant() {
        return tenant;
    }

    public String servicePrincipalId() {
        return servicePrincipalId;
    }

    public List<ClientSecret> secrets() {
        return List.copyOf(secrets);
    }

    public void setSecrets(List<ClientSecret> newSecrets) {
        secrets.clear();
        secrets.addAll(newSecrets);
    }

    /** All secrets run out at this moment. */
    public void expireSecrets(Instant at) {
        secrets.replaceAll(secret -> new ClientSecret(secret.value(), at));
    }

    /** Certificates whose keys may sign client assertions ({@code keyCredentials}). */
    public List<X509Certificate> certificates() {
        return List.copyOf(certificates);
    }

    public void setCertificates(List<X509Certificate> newCertificates) {
        certificates.clear();
        certificates.addAll(newCertificates);
    }

    public List<FederatedCredential> federatedCredentials() {
        return List.copyOf(federatedCredentials);
    }

    public void setFederatedCredentials(List<FederatedCredential> credentials) {
        federatedCredentials.clear();
        federatedCredentials.addAll(credentials);
    }

    public List<String> redirectUris() {
        return List.copyOf(redirectUris);
    }

    public void setRedirectUris(List<String> uris) {
        redirectUris.clear();
        redirectUris.addAll(uris);
    }

    /** Exact, case included; a registered {@code :*} matches any port. */
    public boolean redirectsTo(String uri) {
        return redirectUris.stream().anyMatch(registered -> {
            int anyPort = registered.indexOf(":*/");
            if (anyPort < 0) {
                return registered.equals(uri);
            }
            String pattern = Pattern.quote(registered.substring(0, anyPort)) + "(:\\d{1,5})?"
                    + Pattern.quote(registered.substring(anyPort + 2));
            return uri.matches(pattern);
        });
    }

    public SignInAudience signInAudience() {
        return signInAudience;
    }

    public void setSignInAudience(SignInAudience audience) {
        signInAudience = audience;
    }

    /** "Allow public client flows": device code without a credential. */
    public boolean publicClientFlows() {
        return publicClientFlows;
    }

    public void setPublicClientFlows(boolean on) {
        publicClientFlows = on;
    }

    /** A conditional access policy of the tenant that blocks the device code flow for this app. */
    public boolean deviceCodeBlocked() {
        return deviceCodeBlocked;
    }

    public void setDeviceCodeBlocked(boolean on) {
        deviceCodeBlocked = on;
    }

    public boolean disabled() {
        return disabled;
    }

    public void setDisabled(boolean on) {
        disabled = on;
    }

    /** A refresh token ends with its use. Entra does not do this; the switch shows who relies on it. */
    public boolean revokeOldRefreshTokens() {
        return revokeOldRefreshTokens;
    }

    public void setRevokeOldRefreshTokens(boolean on) {
        revokeOldRefreshTokens = on;
    }

    /** How long an administrator's consent takes to reach the place where app-only tokens are made. */
    public Duration consentVisibleAfter() {
        return consentVisibleAfter;
    }

    public void setConsentVisibleAfter(Duration delay) {
        consentVisibleAfter = delay;
    }

    /** Application permissions granted by an administrator. */
    public Set<String> applicationGrants() {
        return Set.copyOf(applicationGrants.keySet());
    }

    /** The roles of an app-only token issued now: what was granted and has been replicated since. */
    public Set<String> rolesAt(Instant now) {
        return applicationGrants.entrySet().stream()
                .filter(grant -> !grant.getValue().plus(consentVisibleAfter).isAfter(now))
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** They count at once, as if they had been granted long ago. */
    public void setApplicationGrants(Set<String> grants) {
        applicationGrants.clear();
        grants.forEach(grant -> applicationGrants.put(grant, Instant.EPOCH));
    }

    /** Delegated permissions that an administrator consented to for the whole tenant. */
    public Set<String> tenantConsents() {
        return Set.copyOf(tenantConsents);
    }

    public void setTenantConsents(Set<String> scopes) {
        tenantConsents.clear();
        tenantConsents.addAll(scopes);
    }

    /** The delegated permissions that the registration lists; they count for nothing until somebody consents. */
    public Set<String> requiredDelegated() {
        return new LinkedHashSet<>(requiredDelegated);
    }

    /** The application permissions that the registration lists; they count for nothing until an administrator consents. */
    public Set<String> requiredApplication() {
        return new LinkedHashSet<>(requiredApplication);
    }

    public void setRequiredPermissions(Set<String> delegated, Set<String> application) {
        requiredDelegated.clear();
        requiredDelegated.addAll(delegated);
        requiredApplication.clear();
        requiredApplication.addAll(application);
    }

    /** An administrator consents for the whole tenant, beside what was consented to before. */
    public void consentForTenant(Set<String> delegated, Set<String> application, Instant now) {
        tenantConsents.addAll(delegated);
        application.forEach(grant -> applicationGrants.putIfAbsent(grant, now));
    }

    /** What this user's calls may use: his own consents and, for users of the home tenant, the tenant's. */
    public Set<String> consentsOf(UserAccount user) {
        Set<String> all = new LinkedHashSet<>(userConsents.getOrDefault(user.oid(), Set.of()));
        if (user.tenant().equals(tenant)) {
            all.addAll(tenantConsents);
        }
        return all;
    }

    public void consent(UserAccount user, Set<String> scopes) {
        userConsents.computeIfAbsent(user.oid(), oid -> new LinkedHashSet<>()).addAll(scopes);
    }

    /** Removes the user's own consents; what the administrator consented to stays. */
    public void withdrawConsent(UserAccount user) {
        userConsents.remove(user.oid());
    }

    @Override
    public String toString() {
        return "AppRegistration[" + clientId + "]";
    }
}
