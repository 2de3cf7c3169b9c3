package org.m365connector.emulator.entra;

import java.util.Locale;
import java.util.Optional;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.directory.AppRegistration;
import org.m365connector.emulator.directory.Directory;
import org.m365connector.emulator.directory.Tenant;
import org.m365connector.emulator.directory.UserAccount;

/**
 * The first segment of the path: a tenant, or an alias for several.
 *
 * @param segment as it was sent
 * @param tenant empty for an alias that stands for several tenants
 */
record Authority(String segment, Kind kind, Optional<Tenant> tenant) {

    private static final String GUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";

    enum Kind {
        TENANT,
        COMMON,
        ORGANIZATIONS,
        CONSUMERS
    }

    /** @throws EntraFailure if there is no such tenant */
    static Authority of(String segment, Directory directory) {
        return switch (segment.toLowerCase(Locale.ROOT)) {
            case "common" -> new Authority(segment, Kind.COMMON, Optional.empty());
            case "organizations" -> new Authority(segment, Kind.ORGANIZATIONS, Optional.empty());
            case "consumers" -> new Authority(segment, Kind.CONSUMERS, directory.tenant(Seed.PERSONAL_TENANT_ID));
            default -> ofTenant(segment, directory);
        };
    }

    private static Authority ofTenant(String segment, Directory directory) {
        Tenant tenant = directory.tenant(segment).orElseThrow(() -> {
            boolean looksLikeOne = segment.contains(".") || segment.matches(GUID);
            return new EntraFailure(looksLikeOne ? Aadsts.tenantNotFound(segment) : Aadsts.notATenantName(segment));
        });
        return new Authority(segment, tenant.personal() ? Kind.CONSUMERS : Kind.TENANT, Optional.of(tenant));
    }

    /** What tokens and discovery documents of this authority are bound to: the tenant's id, or the alias itself. */
    String key() {
        return kind == Kind.TENANT || kind == Kind.CONSUMERS
                ? tenant.orElseThrow().id()
                : segment.toLowerCase(Locale.ROOT);
    }

    /** @throws EntraFailure if this app cannot be used at this authority */
    void requireApp(AppRegistration app) {
        if (app.disabled()) {
            throw new EntraFailure(Aadsts.appDisabled(app));
        }
        switch (kind) {
            case TENANT -> {
                boolean home = tenant.orElseThrow().equals(app.tenant());
                if (!home) {
                    throw new EntraFailure(Aadsts.appNotFound(
                            app.clientId(), tenant.orElseThrow().displayName()));
                }
            }
            case COMMON, ORGANIZATIONS -> {
                if (!app.signInAudience().otherTenants()) {
                    throw new EntraFailure(Aadsts.notMultiTenant(app));
                }
            }
            case CONSUMERS -> {
                if (!app.signInAudience().personalAccounts()) {
                    throw new EntraFailure(Aadsts.notForConsumers(app));
                }
            }
        }
    }

    /** Why this account may not sign in here, if so. */
    Optional<EntraError> refuses(UserAccount user, AppRegistration app) {
        String provider = user.personal()
                ? "live.com"
                : "https://sts.windows.net/" + user.tenant().id() + "/";
        boolean here =
                switch (kind) {
                    case COMMON -> true;
                    case ORGANIZATIONS -> !user.personal();
                    case TENANT, CONSUMERS -> tenant.orElseThrow().equals(user.tenant());
                };
        if (!here) {
            String name = tenant.map(Tenant::displayName).orElse(segment);
            return Optional.of(Aadsts.foreignAccount(user.upn(), provider, name, app));
        }
        return user.personal() && !app.signInAudience().personalAccounts()
                ? Optional.of(Aadsts.notEnabledForConsumers())
                : Optional.empty();
    }
}
