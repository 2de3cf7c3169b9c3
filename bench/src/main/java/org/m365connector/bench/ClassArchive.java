package org.m365connector.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.Service;

/**
 * An archive of the classes that a service loads: one run writes it when it ends, others start from it in half the time. The
 * same jars on a plain class path: the JVM's archives know nothing of the class loader of the packaged form.
 */
final class ClassArchive {
    private ClassArchive() {}

    /** Options of the run that writes it, at the end of that run. */
    static List<String> written(Path archive) {
        return List.of("-XX:ArchiveClassesAtExit=" + archive);
    }

    /** Options of a run that uses it. */
    static List<String> used(Path archive) {
        return List.of("-XX:SharedArchiveFile=" + archive);
    }

    /** What to start after the options. */
    static List<String> launch(Checkout checkout, Service service) {
        Path application = checkout.application(service).getParent();
        String classPath = Stream.of("quarkus", "app", "lib/main", "lib/boot")
                .flatMap(folder -> jars(application.resolve(folder)).stream())
                .map(Path::toString)
                .collect(Collectors.joining(":"));
        return List.of("-cp", classPath, "io.quarkus.runner.GeneratedMain");
    }

    /** In an order in which what Quarkus has transformed hides what it was made from. */
    private static List<Path> jars(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
