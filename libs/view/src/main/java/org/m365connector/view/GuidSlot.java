package org.m365connector.view;

import java.util.List;
import java.util.Optional;
import org.m365connector.events.AssignmentsRecord;
import org.m365connector.events.DecidingRule;
import org.m365connector.events.PortalId;
import org.m365connector.events.RegistrationName;

/** The entry of a portal user whose id is an Intrexx GUID: 40 upper-case hex digits in 20 bytes, and the rest shared with many others. */
final class GuidSlot extends Slot {
    private static final int DIGITS = 40;
    private static final int DIGITS_OF_A_LONG = 16;
    private static final String HEX = "0123456789ABCDEF";

    private final long first;
    private final long second;
    private final int third;
    private final Held held;

    /** Where users are: a registration of a portal. There is one of each, so it is equal to nothing but itself. */
    static final class Place {
        private final String prefix;
        private final PortalId portal;
        private final RegistrationName registration;

        /** @param prefix of their keys */
        Place(String prefix, PortalId portal, RegistrationName registration) {
            this.prefix = prefix;
            this.portal = portal;
            this.registration = registration;
        }

        PortalId portal() {
            return portal;
        }

        RegistrationName registration() {
            return registration;
        }
    }

    /**
     * What users of one place have in common.
     *
     * @param whole where a record says more than the key, its accounts and why, all of it
     */
    record Held(
            Place place,
            List<AssignmentsRecord.Account> accounts,
            Optional<DecidingRule> rule,
            Optional<AssignmentsRecord> whole) {}

    private GuidSlot(long version, long first, long second, int third, Held held) {
        super(version);
        this.first = first;
        this.second = second;
        this.third = third;
        this.held = held;
    }

    static boolean isGuid(String key, int from) {
        if (key.length() - from != DIGITS) {
            return false;
        }
        for (int i = from; i < key.length(); i++) {
            if (digit(key.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** @param key that {@link #isGuid} */
    static GuidSlot of(String key, long version, Held held) {
        int from = key.length() - DIGITS;
        return new GuidSlot(
                version,
                read(key, from, DIGITS_OF_A_LONG),
                read(key, from + DIGITS_OF_A_LONG, DIGITS_OF_A_LONG),
                (int) read(key, from + 2 * DIGITS_OF_A_LONG, DIGITS - 2 * DIGITS_OF_A_LONG),
                held);
    }

    Held held() {
        return held;
    }

    @Override
    String key() {
        return held.place().prefix + guid();
    }

    String guid() {
        char[] digits = new char[DIGITS];
        write(digits, 0, first, DIGITS_OF_A_LONG);
        write(digits, DIGITS_OF_A_LONG, second, DIGITS_OF_A_LONG);
        write(digits, 2 * DIGITS_OF_A_LONG, third, DIGITS - 2 * DIGITS_OF_A_LONG);
        return new String(digits);
    }

    private static long read(String text, int from, int count) {
        long value = 0;
        for (int i = from; i < from + count; i++) {
            value = value << 4 | digit(text.charAt(i));
        }
        return value;
    }

    private static void write(char[] digits, int from, long value, int count) {
        long left = value;
        for (int i = from + count - 1; i >= from; i--) {
            digits[i] = HEX.charAt((int) (left & 15));
            left >>>= 4;
        }
    }

    private static int digit(char character) {
        if (character >= '0' && character <= '9') {
            return character - '0';
        }
        return character >= 'A' && character <= 'F' ? character - 'A' + 10 : -1;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GuidSlot slot
                && slot.first == first
                && slot.second == second
                && slot.third == third
                && slot.held.place() == held.place();
    }

    @Override
    public int hashCode() {
        long mixed = (first * 31 + second) * 0x9E3779B97F4A7C15L + third;
        mixed = (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L;
        return (int) (mixed ^ mixed >>> 32) ^ held.place().prefix.hashCode();
    }
}
