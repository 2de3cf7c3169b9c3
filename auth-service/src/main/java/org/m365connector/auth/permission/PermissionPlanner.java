package org.m365connector.auth.permission;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.m365connector.auth.permission.PermissionMetadata.Permission;

/**
 * The least permissions that features take: computed from the calls of each feature ({@code feature-calls.json}) and Microsoft's
 * metadata, never written down.
 *
 * <ol>
 *   <li>A call's least permission is the one that Microsoft marks; of several marked ones, the one that allows least.
 *   <li>Where the marked one is resource-specific, and so not for app registrations: the delegated one's namesake.
 *   <li>What is too little for a reason that the metadata cannot know stands, with the reason, beside the feature's calls.
 *   <li>A feature's set is the union over its calls, without those that a stronger one of the same resource covers for every call.
 * </ol>
 */
public final class PermissionPlanner {

    private static final PermissionPlanner PLANNER = new PermissionPlanner(PermissionMetadata.load());

    /** What a permission allows, from least to most: its part after the resource. */
    private static final List<String> LEVELS =
            List.of("ReadBasic", "Read", "Create", "Send", "ReadWriteNonOwnerRole", "ReadWrite");

    private static final Comparator<Permission> BY_POWER = Comparator.comparingInt(
                    (Permission permission) -> level(permission.name()))
            .thenComparing(permission -> permission.name().length())
            .thenComparing(Permission::name);

    private record FeatureCalls(List<String> calls, Set<String> tooLittle) {}

    private final PermissionMetadata metadata;
    private final Map<Feature, FeatureCalls> byFeature = new EnumMap<>(Feature.class);

    private PermissionPlanner(PermissionMetadata metadata) {
        this.metadata = metadata;
        JsonNode all = PermissionMetadata.json("feature-calls.json");
        for (Feature feature : Feature.values()) {
            JsonNode one = all.required(feature.slug());
            Set<String> tooLittle = new LinkedHashSet<>();
            one.path("tooLittle").fieldNames().forEachRemaining(tooLittle::add);
            byFeature.put(feature, new FeatureCalls(PermissionMetadata.texts(one.required("calls")), tooLittle));
        }
    }

    public static PermissionPlanner planner() {
        return PLANNER;
    }

    /** The least permissions for all calls of these features that this kind of login can make, in a stable order. */
    public List<String> least(Collection<Feature> features, LoginKind kind) {
        Map<String, Set<String>> callsOf = new LinkedHashMap<>();
        for (Feature feature : features.stream().sorted().distinct().toList()) {
            for (String call : byFeature.get(feature).calls()) {
                least(call, feature, kind)
                        .ifPresent(permission -> callsOf.computeIfAbsent(permission, key -> new LinkedHashSet<>())
                                .add(call));
            }
        }
        List<String> weakestFirst = callsOf.keySet().stream()
                .map(name -> new Permission(name, true))
                .sorted(BY_POWER)
                .map(Permission::name)
                .toList();
        for (String weak : weakestFirst) {
            Optional<String> strong = callsOf.keySet().stream()
                    .filter(other -> !other.equals(weak) && resource(other).equals(resource(weak)))
                    .filter(other -> callsOf.get(weak).stream().allMatch(call -> suffices(call, kind, Set.of(other))))
                    .findFirst();
            strong.ifPresent(other -> callsOf.get(other).addAll(callsOf.remove(weak)));
        }
        return List.copyOf(callsOf.keySet());
    }

    /** Whether somebody who holds these permissions may make the call. */
    public boolean suffices(String call, LoginKind kind, Set<String> held) {
        return metadata.of(call, kind)
                .filter(permissions -> permissions.isEmpty()
                        || permissions.stream().anyMatch(permission -> held.contains(permission.name())))
                .isPresent();
    }

    /** The calls of a feature that this kind of login cannot make, whatever it is granted. */
    public List<String> impossible(Feature feature, LoginKind kind) {
        return byFeature.get(feature).calls().stream()
                .filter(call -> !isPossible(call, feature, kind))
                .toList();
    }

    /** Those of the features that this kind of login cannot have, or not whole, in their order. */
    public List<Feature> beyond(Collection<Feature> features, LoginKind kind) {
        return features.stream()
                .filter(feature -> !impossible(feature, kind).isEmpty())
                .toList();
    }

    /** What of a feature's least permissions is lacking for calls that cannot be made with what is held. */
    public List<String> missing(Feature feature, LoginKind kind, Set<String> held) {
        return missing(List.of(feature), kind, held);
    }

    /** The same of several features together. */
    public List<String> missing(Collection<Feature> features, LoginKind kind, Set<String> held) {
        List<String> lacking = features.stream()
                .flatMap(feature -> byFeature.get(feature).calls().stream()
                        .filter(call -> isPossible(call, feature, kind) && !suffices(call, kind, held)))
                .distinct()
                .toList();
        return least(features, kind).stream()
                .filter(permission -> lacking.stream().anyMatch(call -> suffices(call, kind, Set.of(permission))))
                .toList();
    }

    public boolean takesAdministrator(String permission, LoginKind kind) {
        return kind == LoginKind.APPLICATION || metadata.takesAdministrator(permission);
    }

    /** The calls that the features are for, {@code GET /users/{id}/messages}. */
    public List<String> calls(Feature feature) {
        return byFeature.get(feature).calls();
    }

    private boolean isPossible(String call, Feature feature, LoginKind kind) {
        return metadata.of(call, kind).filter(List::isEmpty).isPresent()
                || least(call, feature, kind).isPresent();
    }

    private Optional<String> least(String call, Feature feature, LoginKind kind) {
        Set<String> tooLittle = byFeature.get(feature).tooLittle();
        List<Permission> open = metadata.of(call, kind).orElse(List.of()).stream()
                .filter(permission -> !tooLittle.contains(permission.name()))
                .toList();
        Optional<String> marked =
                open.stream().filter(Permission::least).min(BY_POWER).map(Permission::name);
        if (marked.isPresent() || open.isEmpty()) {
            return marked;
        }
        if (kind == LoginKind.APPLICATION) {
            // The rest of an application's permissions may be for something else altogether, such as migration.
            return least(call, feature, LoginKind.DELEGATED_WORK).filter(name -> open.stream()
                    .anyMatch(permission -> permission.name().equals(name)));
        }
        return open.stream().min(BY_POWER).map(Permission::name);
    }

    private static int level(String permission) {
        String[] parts = permission.split("\\.", -1);
        int level = parts.length < 2 ? -1 : LEVELS.indexOf(parts[1]);
        return level < 0 ? LEVELS.size() : level;
    }

    private static String resource(String permission) {
        return permission.split("\\.", -1)[0];
    }
}
