package org.m365connector.local.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The checkout that this launcher was built from: where the packaged services are. */
public record Checkout(Path root) {

    /** The checkout named by the system property {@code m365.home}, else the one around the working directory. */
    public static Checkout find() {
        String named = System.getProperty("m365.home");
        Path start = Path.of(named == null ? "" : named).toAbsolutePath().normalize();
        return Stream.iterate(start, path -> path != null, Path::getParent)
                .filter(path -> Files.isRegularFile(path.resolve("mvnw"))
                        && Files.isDirectory(path.resolve(Service.AUTH.module())))
                .findFirst()
                .map(Checkout::new)
                .orElseThrow(() -> new LocalException("No checkout of m365-connector found around " + start));
    }

    /** The packaged service. */
    public Path application(Service service) {
        return root.resolve(service.module()).resolve("target/quarkus-app/quarkus-run.jar");
    }

    /** Flags of every service's JVM, the same as in its image. */
    public Path jvmOptions() {
        return root.resolve("deploy/jvm.options");
    }

    /** Fails with what to do when a service is not packaged yet. */
    public void requireBuilt() {
        for (Service service : Service.values()) {
            if (!Files.isRegularFile(application(service))) {
                throw new LocalException(service.module() + " is not packaged yet (" + application(service)
                        + " is missing). ./run builds it; by hand: ./mvnw package -DskipTests");
            }
        }
    }

    /** Where a run from the command line keeps its state; a test may say otherwise by {@code m365.local.state}. */
    public Path localState() {
        return root.resolve(System.getProperty("m365.local.state", "target/local"));
    }

    /** The variables that a run from the command line writes for other shells. */
    public Path localEnv() {
        return localState().resolveSibling(localState().getFileName() + ".env");
    }

    /** They hold keys, and are good for one run only. */
    public void deleteLocalEnv() {
        try {
            Files.deleteIfExists(localEnv());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
