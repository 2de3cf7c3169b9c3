package org.m365connector.local.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a Chromium is installed on this machine. */
public final class Chromium {

    private Chromium() {}

    /** The one named by the environment variable {@code CHROMIUM}, else one in the usual places. */
    public static Optional<Path> find() {
        return Stream.of(
                        System.getenv().getOrDefault("CHROMIUM", ""),
                        "/usr/bin/chromium",
                        "/usr/bin/chromium-browser",
                        "/usr/bin/google-chrome")
                .filter(path -> !path.isEmpty())
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Whether Playwright can drive it: its driver comes with the build only where a Chromium was found. */
    static boolean canBeDriven() {
        return find().isPresent() && driverIsHere();
    }

    private static boolean driverIsHere() {
        try {
            Class.forName("com.microsoft.playwright.impl.driver.jar.DriverJar");
            return true;
        } catch (ClassNotFoundException e) {
            return System.getProperty("playwright.cli.dir") != null;
        }
    }
}
