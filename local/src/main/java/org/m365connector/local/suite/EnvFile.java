package org.m365connector.local.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A file of shell variables, {@code NAME=value}, that a shell can source and we can read. */
record EnvFile(Path path, Map<String, String> variables, String advice) {

    /** @param advice what somebody can do where the file, or something in it, is missing */
    static EnvFile read(Path path, String advice) {
        if (!Files.isRegularFile(path)) {
            throw new LocalException("There is no file " + path + "; " + advice);
        }
        try {
            Map<String, String> variables = new LinkedHashMap<>();
            for (String line : Files.readAllLines(path)) {
                String text = line.strip();
                if (text.isEmpty() || text.startsWith("#")) {
                    continue;
                }
                int equals = text.indexOf('=');
                if (equals < 1) {
                    throw new LocalException(path + ": not NAME=value: " + text);
                }
                String name = text.substring(0, equals).replaceFirst("^export\\s+", "");
                variables.put(name, unquoted(text.substring(equals + 1).strip()));
            }
            return new EnvFile(path, variables, advice);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Optional<String> optional(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }

    String required(String name) {
        require(name);
        return variables.get(name);
    }

    /** All that is missing at once, for whoever fills the file in. */
    void require(String... names) {
        List<String> missing =
                Stream.of(names).filter(name -> optional(name).isEmpty()).toList();
        if (!missing.isEmpty()) {
            throw new LocalException(path + " does not set " + String.join(", ", missing) + "; " + advice);
        }
    }

    Map<String, String> startingWith(String... prefixes) {
        Map<String, String> found = new LinkedHashMap<>();
        variables.forEach((name, value) -> {
            if (!value.isBlank() && Stream.of(prefixes).anyMatch(name::startsWith)) {
                found.put(name, value);
            }
        });
        return found;
    }

    private static String unquoted(String value) {
        if (value.length() >= 2 && (value.startsWith("'") || value.startsWith("\""))) {
            return value.substring(1, Math.max(1, value.lastIndexOf(value.charAt(0))));
        }
        return value;
    }
}
