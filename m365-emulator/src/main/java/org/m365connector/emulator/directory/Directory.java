package org.m365connector.emulator.directory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Tenants, accounts and app registrations. Ids and names are found whatever their case. */
public final class Directory {

    private final Map<String, Tenant> tenants = new LinkedHashMap<>();
    private final Map<String, UserAccount> users = new LinkedHashMap<>();
    private final Map<String, AppRegistration> apps = new LinkedHashMap<>();

    public void clear() {
        tenants.clear();
        users.clear();
        apps.clear();
    }

    public void add(Tenant tenant) {
        tenants.put(key(tenant.id()), tenant);
    }

    public void add(UserAccount user) {
        users.put(key(user.oid()), user);
    }

    public void add(AppRegistration app) {
        apps.put(key(app.clientId()), app);
    }

    public void remove(UserAccount user) {
        users.remove(key(user.oid()));
    }

    public void remove(AppRegistration app) {
        apps.remove(key(app.clientId()));
    }

    /** By id or by one of its domains. */
    public Optional<Tenant> tenant(String idOrDomain) {
        return Optional.ofNullable(tenants.get(key(idOrDomain))).or(() -> tenants.values().stream()
                .filter(tenant -> tenant.domains().stream().anyMatch(idOrDomain::equalsIgnoreCase))
                .findFirst());
    }

    public Optional<UserAccount> userByOid(String oid) {
        return Optional.ofNullable(users.get(key(oid)));
    }

    public Optional<UserAccount> userByUpn(String upn) {
        return users.values().stream()
                .filter(user -> user.upn().equalsIgnoreCase(upn))
                .findFirst();
    }

    /** By object id or user principal name. */
    public Optional<UserAccount> user(String oidOrUpn) {
        return userByOid(oidOrUpn).or(() -> userByUpn(oidOrUpn));
    }

    public List<UserAccount> users() {
        return new ArrayList<>(users.values());
    }

    public List<AppRegistration> apps() {
        return new ArrayList<>(apps.values());
    }

    public Optional<AppRegistration> app(String clientId) {
        return Optional.ofNullable(apps.get(key(clientId)));
    }

    private static String key(String id) {
        return id.toLowerCase(Locale.ROOT);
    }
}
