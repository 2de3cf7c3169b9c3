package org.m365connector.sync.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.m365connector.sync.watch.WatchKind;

/** Whoever adds a call of Graph has to say which feature it belongs to, so that its permission is planned. */
class GraphCallsTest {

    private static final String SDK = "com.microsoft.graph.";
    private static final Set<String> METHODS = Set.of("get", "post", "patch", "put", "delete");

    @Test
    void everyCallOfGraphStandsInTheListThatPermissionsArePlannedFrom() throws IOException {
        // Given the SDK, whose packages spell the address: users.item.messages is /users/{id}/messages
        Set<String> made = new ClassFileImporter()
                        .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                        .importPackages("org.m365connector.sync")
                        .stream()
                        .flatMap(type -> type.getMethodCallsFromSelf().stream())
                        .filter(call -> call.getTargetOwner().getName().startsWith(SDK)
                                && call.getTargetOwner().getName().endsWith("RequestBuilder")
                                && METHODS.contains(call.getName()))
                        .map(GraphCallsTest::address)
                        .collect(Collectors.toCollection(TreeSet::new));

        // When
        List<String> listed =
                lines().map(line -> line.substring(line.indexOf(' ') + 1)).toList();

        // Then
        Set<String> expected = listed.stream()
                .map(call -> call.startsWith("SUBSCRIBE ") ? "POST /subscriptions" : call)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(made).hasSizeGreaterThan(10).isEqualTo(expected);
        assertThat(listed.stream().filter(call -> call.startsWith("SUBSCRIBE ")))
                .as("one kind of subscription for each kind of container but those that another one's tells of")
                .hasSize(WatchKind.values().length - WatchKind.told().size());
    }

    private static String address(JavaMethodCall call) {
        String path = call.getTargetOwner()
                .getPackageName()
                .substring(SDK.length())
                .replace('.', '/')
                .replaceAll("/item(?=/|$)", "/{id}");
        return call.getName().toUpperCase(Locale.ROOT) + " /" + path;
    }

    private static java.util.stream.Stream<String> lines() throws IOException {
        try (InputStream in = GraphCallsTest.class.getResourceAsStream("/graph-calls.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines().filter(line -> !line.startsWith("#")).toList().stream();
        }
    }
}
