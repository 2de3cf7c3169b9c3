package org.m365connector.events;

import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A CloudEvents 1.0 event. ({@code source}, {@code id}) identifies it: the same fact has the same pair, however often it is sent.
 *
 * @param type past tense with a version for facts ({@code account-changed.v1}), imperative for commands ({@code mail.send.v1})
 * @param extensions CloudEvents extension attributes: names of lower-case letters and digits, text values
 * @param <T> the data: one of this package's records, or a JSON tree where it has just been read
 */
public record Event<T>(
        String id,
        URI source,
        String type,
        Optional<String> subject,
        Instant time,
        Map<String, String> extensions,
        T data) {

    public static final String PORTAL_USER = "portaluser";
    public static final String REGISTRATION = "registration";
    public static final String ACCOUNT = "account";
    public static final String DEADLINE = "deadline";
    public static final String ON_LOGIN_REQUIRED = "onloginrequired";
    public static final String CAUSATION_ID = "causationid";

    public Event {
        if (id == null || id.isEmpty()) {
            throw new IllegalArgumentException("an event needs an id");
        }
        if (source == null || source.toString().isEmpty()) {
            throw new IllegalArgumentException("an event needs a source");
        }
        if (type == null || type.isEmpty()) {
            throw new IllegalArgumentException("an event needs a type");
        }
        extensions = Map.copyOf(extensions);
    }

    /** An event without subject and extensions. */
    public static <T> Event<T> of(String id, URI source, String type, Instant time, T data) {
        return new Event<>(id, source, type, Optional.empty(), time, Map.of(), data);
    }

    public Event<T> withSubject(String newSubject) {
        return new Event<>(id, source, type, Optional.of(newSubject), time, extensions, data);
    }

    public Event<T> withExtension(String name, String value) {
        Map<String, String> more = new java.util.HashMap<>(extensions);
        more.put(name, value);
        return new Event<>(id, source, type, subject, time, more, data);
    }

    public <U> Event<U> withData(U newData) {
        return new Event<>(id, source, type, subject, time, extensions, newData);
    }

    public Optional<String> extension(String name) {
        return Optional.ofNullable(extensions.get(name));
    }
}
