package org.m365connector.local.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.yaml.snakeyaml.Yaml;

/** The suite in containers is started with what {@code ./run} starts it with. */
class ComposeTest {
    /** What the image says itself, or what only this launcher wants. */
    private static final Set<String> NOT_FOR_CONTAINERS = Set.of(
            "MALLOC_ARENA_MAX",
            "QUARKUS_HTTP_HOST",
            "QUARKUS_HTTP_PORT",
            "QUARKUS_LOG_CATEGORY__IO_SMALLRYE_HEALTH__LEVEL");

    @ParameterizedTest
    @EnumSource(Service.class)
    void aServiceHasTheSameVariablesInAContainer(Service service) throws IOException {
        // Given
        Set<String> wanted = new TreeSet<>(new ServiceEnvironment(Ports.usual(), Secrets.fresh(), Tenant.ofEmulator())
                .of(service)
                .keySet());
        wanted.removeAll(NOT_FOR_CONTAINERS);

        // Then
        Map<?, ?> described = at(at(compose(), "services"), service.module());
        assertThat(at(described, "environment").keySet())
                .map(Object::toString)
                .containsExactlyInAnyOrderElementsOf(wanted);
        Map<?, ?> arguments = at(at(described, "build"), "args");
        assertThat(arguments.get("SERVICE")).isEqualTo(service.module());
        assertThat(arguments.get("PORT"))
                .isEqualTo(Integer.toString(Ports.usual().of(service)));
    }

    private static Map<?, ?> compose() throws IOException {
        return new Yaml().load(Files.readString(Path.of("../docker-compose.yml")));
    }

    private static Map<?, ?> at(Map<?, ?> tree, String name) {
        return (Map<?, ?>) tree.get(name);
    }
}
