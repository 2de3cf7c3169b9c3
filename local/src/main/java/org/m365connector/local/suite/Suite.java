package org.m365connector.local.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Where a running suite can be reached, and with which key. */
public record Suite(
        Map<Service, String> urls,
        Optional<String> emulatorUrl,
        String kafkaBootstrap,
        String postgresUrl,
        String adminKey,
        Optional<DemoPortal> portal) {

    /** The portal that a run onboards by itself. */
    public record DemoPortal(String id, String key, String registration) {
        @Override
        public String toString() {
            return "DemoPortal[" + id + ", " + registration + ", key redacted]";
        }
    }

    public Suite {
        urls = Map.copyOf(urls);
    }

    public String url(Service service) {
        return urls.get(service);
    }

    public Suite withPortal(DemoPortal onboarded) {
        return new Suite(urls, emulatorUrl, kafkaBootstrap, postgresUrl, adminKey, Optional.of(onboarded));
    }

    /** As shell variables, for its owner only. */
    public void write(Path file) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("M365_ADMIN_KEY", adminKey);
        portal.ifPresent(p -> {
            variables.put("M365_PORTAL", p.id());
            variables.put("M365_PORTAL_KEY", p.key());
            variables.put("M365_REGISTRATION", p.registration());
        });
        for (Service service : Service.values()) {
            variables.put(service.urlVariable(), url(service));
        }
        emulatorUrl.ifPresent(url -> variables.put("EMULATOR_URL", url));
        variables.put("KAFKA_BOOTSTRAP", kafkaBootstrap);
        variables.put("POSTGRES_URL", postgresUrl);
        String text = variables.entrySet().stream()
                .map(variable -> String.format(Locale.ROOT, "export %s='%s'%n", variable.getKey(), variable.getValue()))
                .collect(Collectors.joining());
        try {
            PrivateFile.write(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Suite read(Path file) {
        EnvFile env = EnvFile.read(file, "./run writes it when all of the suite is ready");
        Map<Service, String> urls = new LinkedHashMap<>();
        for (Service service : Service.values()) {
            urls.put(service, env.required(service.urlVariable()));
        }
        return new Suite(
                urls,
                env.optional("EMULATOR_URL"),
                env.required("KAFKA_BOOTSTRAP"),
                env.required("POSTGRES_URL"),
                env.required("M365_ADMIN_KEY"),
                env.optional("M365_PORTAL")
                        .map(id -> new DemoPortal(
                                id, env.required("M365_PORTAL_KEY"), env.required("M365_REGISTRATION"))));
    }

    @Override
    public String toString() {
        return "Suite" + urls;
    }
}
