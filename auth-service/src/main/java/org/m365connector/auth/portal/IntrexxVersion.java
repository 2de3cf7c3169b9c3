package org.m365connector.auth.portal;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Version of Intrexx, {@code 10.4.0}; what follows the third number does not matter. */
record IntrexxVersion(int major, int minor, int patch) implements Comparable<IntrexxVersion> {

    /** The first version whose connector interface we know. */
    static final IntrexxVersion OLDEST = new IntrexxVersion(10, 4, 0);

    private static final Pattern SHAPE = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?(?:[.+-].*)?");

    /** @throws IllegalArgumentException where the text does not start with two numbers */
    static IntrexxVersion of(String text) {
        Matcher matcher = SHAPE.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a version of Intrexx (10.4.0)");
        }
        return new IntrexxVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3)));
    }

    boolean isTooOld() {
        return compareTo(OLDEST) < 0;
    }

    @Override
    public int compareTo(IntrexxVersion other) {
        if (major != other.major) {
            return Integer.compare(major, other.major);
        }
        return minor != other.minor ? Integer.compare(minor, other.minor) : Integer.compare(patch, other.patch);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
