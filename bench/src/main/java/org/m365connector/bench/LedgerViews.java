package org.m365connector.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;
import org.m365connector.bench.LedgerTruth.Version;
import org.m365connector.local.demo.Seen;

/**
 * What one container went through, by the emulator's own record, beside what the portal was told of it.
 *
 * <p>A version is owed if it is the last one of its resource, or its deletion where the portal was told of the resource; versions
 * that were replaced before anybody could look are not, nor what has not changed since before the watches, nor of an occurrence that
 * only its series is another one.
 */
final class LedgerViews {

    private static final long LONGEST_MILLIS = 3_600_000;

    private final LedgerTruth truth;
    private final Map<String, List<Told>> told = new LinkedHashMap<>();
    private final Set<String> unchanged = new HashSet<>();
    private final Map<String, String> idOfState = new HashMap<>();

    /**
     * One event.
     *
     * @param content what it says of an occurrence
     */
    private record Told(String id, String etag, boolean deleted, String content, Instant at) {}

    /**
     * @param begin when all watches were active
     * @param changes of this container's watch, in the order of their partition
     */
    LedgerViews(LedgerTruth truth, Instant begin, List<Seen> changes) {
        this.truth = truth;
        truth.forEach((resource, versions) -> {
            if (versions.get(versions.size() - 1).at().isBefore(begin)) {
                unchanged.add(resource);
            }
        });
        for (Seen change : changes) {
            JsonNode resource = change.data().path("resource");
            told.computeIfAbsent(resource.path("id").asText(), any -> new ArrayList<>())
                    .add(new Told(
                            change.attribute("id").orElse(""),
                            resource.path("etag").asText(),
                            change.type().endsWith("-deleted.v1"),
                            LedgerTruth.seen(resource),
                            Instant.parse(change.attribute("time").orElseThrow())));
        }
    }

    /** How many resources are not for the portal what they are in truth; each with what is wrong. */
    List<String> lost() {
        List<String> lost = new ArrayList<>();
        truth.forEach((resource, versions) -> {
            Version last = versions.get(versions.size() - 1);
            Optional<Told> known = Optional.ofNullable(told.get(resource)).map(events -> events.get(events.size() - 1));
            if (unchanged.contains(resource)) {
                return;
            }
            if (last.deleted()) {
                if (known.isPresent() && !known.get().deleted()) {
                    lost.add("deletion of " + resource);
                }
            } else if (known.isEmpty() || known.get().deleted()) {
                lost.add("creation of " + resource);
            } else if (truth.seriesOf(resource).isPresent()) {
                if (!known.get().content().equals(last.content())) {
                    lost.add("last state of " + resource + ": " + known.get().content() + " instead of "
                            + last.content());
                }
            } else if (!known.get().etag().equals(last.etag())) {
                lost.add("last state of " + resource + ": " + known.get().etag() + " instead of " + last.etag());
            }
        });
        return lost;
    }

    /** By which an event's version is found: an occurrence has that of its series, and its deletion has none. */
    private List<Version> versions(String resource, Told event) {
        return event.deleted()
                ? truth.of(resource)
                : truth.of(truth.seriesOf(resource).orElse(resource));
    }

    /** Events of versions that never were. */
    List<String> phantoms() {
        List<String> phantoms = new ArrayList<>();
        told.forEach((resource, events) -> events.forEach(event -> {
            boolean was = versions(resource, event).stream()
                    .anyMatch(version -> event.deleted()
                            ? version.deleted()
                            : !version.deleted() && version.etag().equals(event.etag()));
            if (!was) {
                phantoms.add(resource + " " + (event.deleted() ? "deleted" : event.etag()));
            }
        }));
        return phantoms;
    }

    /** Events that say what an earlier one said, under another id; or something else under the same id. */
    List<String> idViolations() {
        List<String> violations = new ArrayList<>();
        Map<String, String> stateOfId = new HashMap<>();
        told.forEach((resource, events) -> {
            int generation = 0;
            boolean gone = false;
            for (Told event : events) {
                if (gone && !event.deleted() && !stateOfId.containsKey(event.id())) {
                    generation++;
                }
                gone = event.deleted();
                String state = resource + " " + (event.deleted() ? "deleted" : event.etag());
                String before = stateOfId.putIfAbsent(event.id(), state);
                if (before != null && !before.equals(state)) {
                    violations.add(event.id() + " is " + before + " and " + state);
                }
                String id = idOfState.putIfAbsent(state + " " + generation, event.id());
                if (id != null && !id.equals(event.id()) && before == null) {
                    violations.add(state + " has the ids " + id + " and " + event.id());
                }
            }
        });
        return violations;
    }

    /** Events of a version that is older than one that was told before, other than repeats. */
    List<String> orderViolations() {
        List<String> violations = new ArrayList<>();
        told.forEach((resource, events) -> {
            List<String> seen = new ArrayList<>();
            int newest = -1;
            for (Told event : events) {
                if (seen.contains(event.id())) {
                    continue;
                }
                seen.add(event.id());
                if (event.deleted() && truth.seriesOf(resource).isPresent()) {
                    continue;
                }
                int position = position(versions(resource, event), event, newest);
                if (position < newest) {
                    violations.add(resource + " " + event.etag() + " after a newer version");
                }
                newest = Math.max(newest, position);
            }
        });
        return violations;
    }

    /** Which version the event tells, the next after the newest that was told where it may be several. */
    private static int position(List<Version> versions, Told event, int after) {
        int found = Integer.MAX_VALUE;
        for (int i = 0; i < versions.size(); i++) {
            Version version = versions.get(i);
            boolean same = event.deleted()
                    ? version.deleted()
                    : !version.deleted() && version.etag().equals(event.etag());
            if (same) {
                found = i;
                if (i > after) {
                    return i;
                }
            }
        }
        return found;
    }

    /** From each version that was told to its first event, in milliseconds. */
    void delays(Histogram histogram) {
        told.forEach((resource, events) -> {
            List<String> seen = new ArrayList<>();
            int newest = -1;
            for (Told event : events) {
                if (seen.contains(event.id())) {
                    continue;
                }
                seen.add(event.id());
                List<Version> versions = truth.of(resource);
                int position = position(versions, event, newest);
                if (position < versions.size()) {
                    newest = Math.max(newest, position);
                    long millis = Duration.between(versions.get(position).at(), event.at())
                            .toMillis();
                    histogram.recordValue(Math.max(0, Math.min(LONGEST_MILLIS, millis)));
                }
            }
        });
    }

    /** How many versions there were of what has changed since the watches. */
    int versions() {
        AtomicInteger count = new AtomicInteger();
        truth.forEach((resource, versions) -> {
            if (!unchanged.contains(resource)) {
                count.addAndGet((int) versions.stream().filter(Version::news).count());
            }
        });
        return count.get();
    }

    /** Resources that the portal need not know of: as they were before the watches. */
    Set<String> unchanged() {
        return Set.copyOf(unchanged);
    }

    int events() {
        return told.values().stream().mapToInt(List::size).sum();
    }

    /** What the portal believes to be there: etag by id. */
    Map<String, String> present() {
        Map<String, String> present = new LinkedHashMap<>();
        told.forEach((resource, events) -> {
            Told last = events.get(events.size() - 1);
            if (!last.deleted()) {
                present.put(resource, last.etag());
            }
        });
        return present;
    }
}
