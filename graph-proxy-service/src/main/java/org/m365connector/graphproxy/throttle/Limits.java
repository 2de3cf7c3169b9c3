package org.m365connector.graphproxy.throttle;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The table of limits: Microsoft's figures, each of which the configuration may replace. */
public final class Limits {

    /** What a limit is counted by. */
    enum Per {
        APP("app"),
        APP_TENANT("app+tenant"),
        MAILBOX("mailbox"),
        TEAM("team"),
        CHANNEL("channel"),
        CHAT("chat"),
        /** Channel, chat or team, whichever the call names. */
        RESOURCE("resource"),
        USER("user");

        private final String word;

        Per(String word) {
            this.word = word;
        }

        static Per of(String word) {
            for (Per per : values()) {
                if (per.word.equals(word)) {
                    return per;
                }
            }
            throw new IllegalArgumentException("a limit is per app, app+tenant, mailbox, team, channel, chat, resource"
                    + " or user, not per " + word);
        }
    }

    /** @param row name of the line that it stands in; limits of different lines count apart */
    record Counted(String row, Per per, Limit limit) {}

    private final Map<String, List<Counted>> rows = new HashMap<>();

    /**
     * @param overrides by the name of the line
     * @throws IllegalArgumentException where there is no such line, or it cannot be read
     */
    public Limits(Map<String, String> overrides) {
        Properties defaults = defaults();
        overrides.forEach((name, text) -> {
            if (!defaults.containsKey(name)) {
                throw new IllegalArgumentException("there is no limit called m365.throttle.limits." + name);
            }
            defaults.setProperty(name, text);
        });
        defaults.forEach((name, text) -> rows.put((String) name, parse((String) name, (String) text)));
    }

    /** Empty where the line says {@code none}. */
    List<Counted> row(String name) {
        List<Counted> row = rows.get(name);
        if (row == null) {
            throw new IllegalArgumentException("there is no limit called " + name);
        }
        return row;
    }

    private static List<Counted> parse(String name, String text) {
        if (text.strip().equals("none")) {
            return List.of();
        }
        List<Counted> row = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String[] words = part.strip().split(" +", 2);
            if (words.length != 2) {
                throw new IllegalArgumentException("limit " + name + " cannot be read: " + text);
            }
            row.add(new Counted(name, Per.of(words[0]), Limit.parse(words[1])));
        }
        return List.copyOf(row);
    }

    private static Properties defaults() {
        Properties properties = new Properties();
        try (InputStream in = Limits.class.getResourceAsStream("limits.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}
