package org.m365connector.view;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;

/**
 * Of a portal user's assignments only the accounts and the rule are kept, and equal ones once: a million users have a handful of
 * different ones. Portal and registration are kept once, too, and the user's id as a number where it is a GUID.
 */
final class PackedAssignments implements Packing<AssignmentsRecord> {
    /** What was seen last for each hash: it finds nearly every repetition, and never grows. */
    private final GuidSlot.Held[] seen = new GuidSlot.Held[4096];

    /** By their prefix, each once; there are no more than registrations. What they hold is nothing, for {@link #probe}. */
    private final Map<String, GuidSlot.Held> places = new ConcurrentHashMap<>();

    @Override
    public Slot pack(String key, long version, AssignmentsRecord value) {
        int user = key.lastIndexOf('/') + 1;
        var nothing = GuidSlot.isGuid(key, user)
                ? places.computeIfAbsent(key.substring(0, user), PackedAssignments::nothingAt)
                : null;
        if (nothing == null) {
            return new Slot.Whole(key, version, value);
        }
        // As the key says it; what a record under a foreign key says of itself stays with it.
        var place = nothing.place();
        var saysMore = !value.key().equals(key) || value.technicalUser().isPresent();
        var held = new GuidSlot.Held(
                place, value.accounts(), value.rule(), saysMore ? Optional.of(value) : Optional.empty());
        return GuidSlot.of(key, version, saysMore ? held : shared(held));
    }

    /** Null where no portal and registration can be of that name. */
    private static GuidSlot.Held nothingAt(String prefix) {
        var names = prefix.split("/", -1);
        if (names.length != 3) {
            return null;
        }
        try {
            var place = new GuidSlot.Place(prefix, new PortalId(names[0]), new RegistrationName(names[1]));
            return new GuidSlot.Held(place, List.of(), Optional.empty(), Optional.empty());
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private GuidSlot.Held shared(GuidSlot.Held held) {
        int slot = Math.floorMod(held.hashCode(), seen.length);
        if (!held.equals(seen[slot])) {
            seen[slot] = held;
        }
        return seen[slot];
    }

    @Override
    public Slot probe(String key) {
        int user = key.lastIndexOf('/') + 1;
        if (GuidSlot.isGuid(key, user)) {
            var nothing = places.get(key.substring(0, user));
            if (nothing != null) {
                return GuidSlot.of(key, 0, nothing);
            }
        }
        return new Slot.Whole(key, 0, null);
    }

    @Override
    public AssignmentsRecord unpack(Slot slot) {
        if (slot instanceof GuidSlot packed) {
            var held = packed.held();
            return held.whole()
                    .orElseGet(() -> new AssignmentsRecord(
                            held.place().portal(),
                            held.place().registration(),
                            new PortalUser(packed.guid()),
                            packed.version(),
                            held.accounts(),
                            Optional.empty(),
                            held.rule()));
        }
        return (AssignmentsRecord) ((Slot.Whole) slot).value();
    }
}
