package org.m365connector.local;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.m365connector.local.demo.Chromium;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.LocalException;
import org.m365connector.local.suite.LocalSuite;
import org.m365connector.local.suite.Platform;
import org.m365connector.local.suite.Ports;

/** Says what this machine lacks for {@code ./run}, and the cure. */
final class Doctor {
    private static final long MEGABYTE = 1024 * 1024;
    private static final long MEMORY_MB = 2048;
    private static final long DISK_MB = 3072;

    private final Checkout checkout;

    /** One thing looked at. Without the {@code needed} ones nothing starts; the others are good to have. */
    private record Finding(boolean good, boolean needed, String what, String cure) {

        static Finding needed(boolean good, String what, String cure) {
            return new Finding(good, true, what, cure);
        }

        static Finding useful(boolean good, String what, String cure) {
            return new Finding(good, false, what, cure);
        }

        String line() {
            String mark = good ? "ok     " : needed ? "MISSING" : "without";
            return mark + "  " + what + (good || cure.isEmpty() ? "" : System.lineSeparator() + "         " + cure);
        }
    }

    private Doctor(Checkout checkout) {
        this.checkout = checkout;
    }

    /** Prints its findings; true if the suite can be started here. */
    static boolean examine(Checkout checkout, PrintStream out) {
        List<Finding> findings = new Doctor(checkout).findings();
        findings.forEach(finding -> out.println(finding.line()));
        boolean fit = findings.stream().allMatch(finding -> finding.good() || !finding.needed());
        out.println();
        out.println(fit ? "The suite can be started here: ./run" : "Mend what is MISSING, then ./run");
        return fit;
    }

    private List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        findings.add(java());
        findings.add(compiler());
        findings.add(built());
        findings.add(memory());
        findings.add(disk());
        findings.addAll(ports());
        findings.add(postgresPlatform());
        findings.add(userNamespaces());
        findings.add(chromium());
        findings.add(java25());
        return findings;
    }

    private static Finding java() {
        int version = Runtime.version().feature();
        return Finding.needed(
                version >= 17,
                "Java " + version + " in " + System.getProperty("java.home"),
                "Install a JDK of version 17 or newer: apt-get install openjdk-17-jdk-headless");
    }

    private Finding compiler() {
        boolean javac = Files.isExecutable(Path.of(System.getProperty("java.home"), "bin", "javac"));
        boolean builtAlready = isBuilt();
        return new Finding(
                javac,
                !builtAlready,
                javac ? "a compiler beside it" : "no compiler beside it, so that nothing can be built",
                "Install the whole JDK: apt-get install openjdk-17-jdk-headless");
    }

    private Finding built() {
        return Finding.useful(
                isBuilt(),
                isBuilt() ? "the services are packaged" : "the services are not packaged yet",
                "./run does it; the first time it fetches libraries from Maven Central");
    }

    private boolean isBuilt() {
        try {
            checkout.requireBuilt();
            return true;
        } catch (LocalException e) {
            return false;
        }
    }

    private static Finding memory() {
        Optional<Long> available = availableMemory();
        return Finding.needed(
                available.map(mb -> mb >= MEMORY_MB).orElse(true),
                available.map(mb -> mb + " MB of memory available").orElse("memory (this system does not tell)"),
                "The suite needs " + MEMORY_MB + " MB: end something else, or give this machine more");
    }

    private static Optional<Long> availableMemory() {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(line -> line.startsWith("MemAvailable:"))
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Finding disk() {
        File place = checkout.root().toFile();
        long free = place.getUsableSpace() / MEGABYTE;
        return Finding.needed(
                free >= DISK_MB,
                free + " MB of disk free at " + place,
                "Build and state need " + DISK_MB + " MB: delete something, or move the checkout");
    }

    private List<Finding> ports() {
        Optional<ProcessHandle> ours = LocalSuite.running(checkout);
        if (ours.isPresent()) {
            return List.of(Finding.needed(
                    true,
                    "ports are in use by the suite itself (process "
                            + ours.get().pid() + ")",
                    ""));
        }
        List<String> taken = Ports.usual().taken();
        if (taken.isEmpty()) {
            return List.of(
                    Finding.needed(true, "all ports free: " + Ports.usual().byName(), ""));
        }
        return taken.stream()
                .map(line -> Finding.needed(false, line, "End that process; ./run stop if a killed run has left it"))
                .toList();
    }

    private static Finding postgresPlatform() {
        Platform platform = Platform.ofThisMachine();
        return Finding.needed(platform.hasPostgres(), "PostgreSQL for " + platform, Platform.CURE);
    }

    /** PostgreSQL refuses to run as root; there it runs in a user namespace of its own. */
    private static Finding userNamespaces() {
        if (!System.getProperty("user.name").equals("root")) {
            return Finding.needed(true, "PostgreSQL runs as " + System.getProperty("user.name"), "");
        }
        boolean allowed = succeeds("unshare", "-U", "true");
        return Finding.needed(
                allowed,
                allowed
                        ? "user namespaces, which PostgreSQL needs as root"
                        : "no user namespaces for PostgreSQL as root",
                "Run ./run as an ordinary user, or: sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=1000");
    }

    private static Finding chromium() {
        Optional<Path> chromium = Chromium.find();
        return Finding.useful(
                chromium.isPresent(),
                chromium.map(path -> "a browser for the demo's pop-up: " + path)
                        .orElse("no Chromium: the demo signs in over plain HTTP instead of in a pop-up"),
                "apt-get install --no-install-recommends chromium");
    }

    private static Finding java25() {
        Optional<Path> found =
                Optional.ofNullable(System.getenv("JAVA25_HOME")).map(Path::of).or(Doctor::installed25);
        return Finding.useful(
                found.isPresent(),
                found.map(path -> "a JDK 25 for bench/run startup: " + path)
                        .orElse("no JDK 25: bench/run startup leaves out the figures with an AOT cache"),
                "Install one under /usr/lib/jvm, or set JAVA25_HOME");
    }

    private static Optional<Path> installed25() {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(Path.of("/usr/lib/jvm"), "*25*")) {
            for (Path path : found) {
                if (Files.isExecutable(path.resolve("bin/java"))) {
                    return Optional.of(path);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean succeeds(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
