package org.m365connector.local.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** The suite in containers is started with what {@code ./run} starts it with, also for a real tenant. */
class ComposeTest {
    /** What the image says itself, or what only this launcher wants. */
    private static final Set<String> NOT_FOR_CONTAINERS = Set.of(
            "MALLOC_ARENA_MAX",
            "QUARKUS_HTTP_HOST",
            "QUARKUS_HTTP_PORT",
            "QUARKUS_LOG_CATEGORY__IO_SMALLRYE_HEALTH__LEVEL");
    /** What {@code deploy/keys} makes. */
    private static final List<String> KEYS = List.of(
            "M365_ADMIN_KEY",
            "M365_SERVICE_KEYS",
            "M365_CLIENT_STATE_KEY",
            "M365_VAULT_KEYSET",
            "POSTGRES_PASSWORD",
            "AUTH_DB_PASSWORD",
            "ASSIGNMENT_DB_PASSWORD",
            "SYNC_DB_PASSWORD");
    /** {@code ${NAME}}, with what Compose does where it is unset, or empty too. */
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)(?:(:?)([-?+])([^}]*))?}");

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @EnumSource(Service.class)
    void aServiceHasTheSameVariablesInAContainer(Service service) throws IOException {
        // Given
        Set<String> wanted = new TreeSet<>(new ServiceEnvironment(Ports.usual(), Secrets.fresh(), everythingSet())
                .of(service)
                .keySet());
        wanted.removeAll(NOT_FOR_CONTAINERS);

        // Then
        Map<?, ?> described = service(service, ofTenant());
        assertThat(at(described, "environment").keySet())
                .map(Object::toString)
                .containsExactlyInAnyOrderElementsOf(wanted);
        assertThat(wanted)
                .containsAll(with(
                        NOT_FOR_CONTAINERS,
                        new ServiceEnvironment(Ports.usual(), Secrets.fresh(), Tenant.ofEmulator())
                                .of(service)
                                .keySet()));
        Map<?, ?> arguments = at(at(described, "build"), "args");
        assertThat(arguments.get("SERVICE")).isEqualTo(service.module());
        assertThat(arguments.get("PORT"))
                .isEqualTo(Integer.toString(Ports.usual().of(service)));
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void whatATenantsFileSaysReachesAContainer(Service service) throws IOException {
        // Given
        Map<String, String> said = new HashMap<>(everythingSet().passThrough());

        // When
        Map<?, ?> described = service(service, ofTenant());

        // Then
        String trusted = said.put("M365_TRUST_FILE", "/etc/m365/trust.pem");
        assertThat((Map<Object, Object>) new HashMap<Object, Object>(at(described, "environment")))
                .containsAllEntriesOf(said);
        assertThat((List<?>) described.get("volumes")).isEqualTo(List.of(trusted + ":/etc/m365/trust.pem:ro"));
    }

    @Test
    void withoutAWayOutOfItsOwnAContainerHasNone() throws IOException {
        // Given
        Map<String, String> variables = ofTenant();
        variables.keySet().removeAll(List.of("M365_HTTPS_PROXY", "NO_PROXY", "M365_TRUST_FILE"));

        // Then
        Map<?, ?> described = service(Service.AUTH, variables);
        assertThat(List.of("M365_HTTPS_PROXY", "NO_PROXY", "M365_TRUST_FILE"))
                .allSatisfy(name ->
                        assertThat(at(described, "environment").get(name)).isIn("", null));
        assertThat((List<?>) described.get("volumes")).isEqualTo(List.of("/dev/null:/etc/m365/trust.pem:ro"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "M365_PUBLIC_LOGIN_URL",
                "M365_PUBLIC_NOTIFICATION_URL",
                "M365_ENTRA_AUTHORITY",
                "M365_GRAPH_BASE_URL"
            })
    void anAddressThatWasForgottenIsNoticed(String address) {
        // Given
        Map<String, String> variables = ofTenant();
        variables.remove(address);

        // Then
        assertThatThrownBy(() -> compose(variables)).hasMessageContaining(address);
    }

    @Test
    void withoutNotificationsAllTheSameStarts() throws IOException {
        Map<String, String> variables = ofTenant();
        variables.put("M365_PUBLIC_NOTIFICATION_URL", "");

        assertThat(at(service(Service.SYNC, variables), "environment").get("M365_PUBLIC_NOTIFICATION_URL"))
                .isIn("", null);
    }

    /** The example with every line filled in, and those uncommented that nobody must fill in. */
    private Tenant everythingSet() throws IOException {
        String example = Files.readString(Path.of("../tenant.env.example"));
        Path filled = temporary.resolve("my.env");
        Files.writeString(
                filled,
                example.replaceAll("(?m)^#(\\w+=)", "$1")
                        .replaceAll("(?m)^(TENANT_\\w+)=$", "$1=value")
                        .replaceAll("(?m)^(M365_PUBLIC_NOTIFICATION_URL)=$", "$1=https://tunnel.example"));
        Tenant tenant = Tenant.of(filled);
        assertThat(tenant.passThrough()).hasSize(7);
        return tenant;
    }

    private Map<String, String> ofTenant() {
        try {
            Map<String, String> variables = new HashMap<>(everythingSet().passThrough());
            KEYS.forEach(key -> variables.put(key, "made"));
            return variables;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> with(Set<String> without, Set<String> all) {
        Set<String> rest = new TreeSet<>(all);
        rest.removeAll(without);
        return rest;
    }

    private static Map<?, ?> service(Service service, Map<String, String> variables) throws IOException {
        return at(at(compose(variables), "services"), service.module());
    }

    private static Map<?, ?> compose(Map<String, String> variables) throws IOException {
        Matcher text = VARIABLE.matcher(Files.readString(Path.of("../docker-compose.yml")));
        return new Yaml().load(text.replaceAll(found -> Matcher.quoteReplacement(valueOf(found, variables))));
    }

    /** As docs.docker.com/reference/compose-file/interpolation says. */
    private static String valueOf(MatchResult found, Map<String, String> variables) {
        String value = variables.get(found.group(1));
        boolean there = value != null && !(":".equals(found.group(2)) && value.isEmpty());
        return switch (found.group(3) == null ? "" : found.group(3)) {
            case "-" -> there ? value : found.group(4);
            case "+" -> there ? found.group(4) : "";
            case "?" -> {
                if (!there) {
                    throw new IllegalStateException(found.group(1) + ": " + found.group(4));
                }
                yield value;
            }
            default -> value == null ? "" : value;
        };
    }

    private static Map<?, ?> at(Map<?, ?> tree, String name) {
        return (Map<?, ?>) tree.get(name);
    }
}
