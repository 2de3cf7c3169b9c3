package org.m365connector.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.m365connector.emulator.Seed;

/**
 * What people do with their calendars: single events, and series of three weeks of which they change and delete occurrences. Clara has a
 * calendar of her own for a project besides; things are moved out of it and come back.
 */
final class LedgerCalendars {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int WEEKS = 3;
    private static final String STANDARD = "Calendar";

    private final LedgerStage stage;
    private final Random random;
    private final List<Place> places;
    private final Map<Place, List<String>> singles = new LinkedHashMap<>();
    private final Map<Place, List<Series>> series = new LinkedHashMap<>();
    private final List<String> away = new ArrayList<>();
    private final Instant noonTomorrow =
            Instant.now().truncatedTo(ChronoUnit.DAYS).plus(Duration.ofHours(36));

    /** @param calendar empty for the standard one */
    private record Place(String mailbox, Optional<String> calendar) {}

    /**
     * A series that is there.
     *
     * @param all ids of the occurrences that it was made with
     * @param left those that nobody has deleted
     */
    private record Series(String id, List<String> all, List<String> left) {}

    LedgerCalendars(LedgerStage stage, Random random) {
        this.stage = stage;
        this.random = random;
        places = List.of(
                new Place(Seed.ADA, Optional.empty()),
                new Place(Seed.BEN, Optional.empty()),
                new Place(LedgerStage.PLANNER, Optional.of(stage.project())));
        places.forEach(place -> {
            singles.put(place, new ArrayList<>());
            series.put(place, new ArrayList<>());
        });
    }

    /** One thing more. */
    void act(int number) {
        Place place = places.get(random.nextInt(places.size()));
        int dice = random.nextInt(100);
        if (dice < 50) {
            actOnSingle(place, number);
        } else if (place.calendar().isPresent() && dice < 60) {
            move(place);
        } else {
            actOnSeries(place, number);
        }
    }

    private void actOnSingle(Place place, int number) {
        List<String> there = singles.get(place);
        int dice = random.nextInt(100);
        if (dice < 50 || there.isEmpty()) {
            ObjectNode event = event("create", place.mailbox()).put("subject", "Event " + number);
            place.calendar().ifPresent(calendar -> event.put("calendar", calendar));
            there.add(stage.activity(event).path("id").asText());
        } else if (dice < 80) {
            String id = there.get(random.nextInt(there.size()));
            stage.activity(event("update", place.mailbox()).put("id", id).put("subject", "Event " + number));
        } else {
            String id = there.remove(random.nextInt(there.size()));
            stage.activity(event("delete", place.mailbox()).put("id", id));
        }
    }

    private void actOnSeries(Place place, int number) {
        List<Series> there = series.get(place);
        int dice = random.nextInt(100);
        if (dice < 20 || there.isEmpty()) {
            there.add(begin(place, number));
            return;
        }
        Series one = there.get(random.nextInt(there.size()));
        String occurrence = one.left().get(random.nextInt(one.left().size()));
        if (dice < 45) {
            // From now on it is an exception: called otherwise, or at another time.
            ObjectNode change = event("update", place.mailbox()).put("id", occurrence);
            if (random.nextBoolean()) {
                change.put("subject", "Exception " + number);
            } else {
                change.set("change", times(noonTomorrow.plus(Duration.ofDays(random.nextInt(15))), number));
            }
            stage.activity(change);
        } else if (dice < 60) {
            if (one.left().size() > 1) {
                one.left().remove(occurrence);
                stage.activity(event("delete", place.mailbox()).put("id", occurrence));
            }
        } else if (dice < 75) {
            stage.activity(event("update", place.mailbox()).put("id", one.id()).put("subject", "Series " + number));
        } else if (dice < 90) {
            // To another hour, with which exceptions are forgotten, and deletions.
            ObjectNode change = event("update", place.mailbox()).put("id", one.id());
            change.set("change", times(noonTomorrow, number));
            one.left().clear();
            one.left().addAll(one.all());
            stage.activity(change);
        } else {
            there.remove(one);
            stage.activity(event("delete", place.mailbox()).put("id", one.id()));
        }
    }

    private Series begin(Place place, int number) {
        ObjectNode change = times(noonTomorrow, number);
        ObjectNode recurrence = change.putObject("recurrence");
        recurrence.putObject("pattern").put("type", "weekly").put("interval", 1);
        recurrence.putObject("range").put("type", "numbered").put("numberOfOccurrences", WEEKS);
        ObjectNode event = event("create", place.mailbox()).put("subject", "Series " + number);
        place.calendar().ifPresent(calendar -> event.put("calendar", calendar));
        event.set("change", change);
        JsonNode made = stage.activity(event);
        List<String> occurrences = new ArrayList<>();
        made.path("occurrences").forEach(id -> occurrences.add(id.asText()));
        return new Series(made.path("id").asText(), List.copyOf(occurrences), occurrences);
    }

    /** Out of the project's calendar, or back. What is away is left in peace. */
    private void move(Place place) {
        List<String> there = singles.get(place);
        if (!away.isEmpty() && random.nextBoolean()) {
            String id = away.remove(random.nextInt(away.size()));
            there.add(id);
            move(place, id, place.calendar().orElseThrow());
        } else if (!there.isEmpty()) {
            String id = there.remove(random.nextInt(there.size()));
            away.add(id);
            move(place, id, STANDARD);
        }
    }

    private void move(Place place, String id, String destination) {
        stage.activity(event("move", place.mailbox()).put("id", id).put("destination", destination));
    }

    /** Half an hour. */
    private static ObjectNode times(Instant noon, int number) {
        Instant start = noon.plus(Duration.ofMinutes(number % 600));
        ObjectNode times = JSON.createObjectNode();
        time(times.putObject("start"), start);
        time(times.putObject("end"), start.plus(Duration.ofMinutes(30)));
        return times;
    }

    private static void time(ObjectNode time, Instant at) {
        time.put("dateTime", at.toString().replace("Z", "")).put("timeZone", "UTC");
    }

    private static ObjectNode event(String op, String mailbox) {
        return JSON.createObjectNode().put("kind", "event").put("op", op).put("mailbox", mailbox);
    }
}
