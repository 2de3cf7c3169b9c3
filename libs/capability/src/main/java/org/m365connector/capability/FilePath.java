package org.m365connector.capability;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * OneDrive's address of a file by its path, where it stands in one segment with its slashes encoded:
 * {@code drives/{id}/items/root%3A%2Ffolder%2Fname%3A/content}. Microsoft's clients encode whatever they are given as an id, and
 * Microsoft's documentation gives them {@code root:/folder/name:} (ADR 22).
 *
 * <p>No other encoded slash is harmless. This one is where whoever decodes it reads the same as who does not: a file of that
 * drive, and what follows is done with that file. So it has to stand where an item's id does, begin at the root or an item,
 * end with its segment, and be safe when it is written out.
 */
final class FilePath {

    /** What comes before the segment. */
    private static final Pattern ITEMS_OF_A_DRIVE =
            Pattern.compile(".*/(?:drive|drives/[^/]+|drives\\([^/()]+\\))/items/", Pattern.CASE_INSENSITIVE);

    /** Written out: where it begins, the names, and the colon at its end. */
    private static final Pattern WRITTEN_OUT = Pattern.compile("[A-Za-z0-9!_-]+:((?:/[^/:]+)+)(:?)");

    private FilePath() {}

    /**
     * Whether the segment is such an address, and safe.
     *
     * @param path raw
     * @param start of the segment
     * @param end of the segment
     */
    static boolean isOne(String path, int start, int end) {
        String writtenOut = writtenOut(path.substring(start, end));
        Matcher matcher = WRITTEN_OUT.matcher(writtenOut);
        if (!matcher.matches()
                || !ITEMS_OF_A_DRIVE.matcher(path.substring(0, start)).matches()) {
            return false;
        }
        // Without its colon what follows would be names of files for one, and something else for another.
        boolean ends = !matcher.group(2).isEmpty() || end == path.length();
        return ends && PathSafety.objectionToPath("/" + writtenOut).isEmpty();
    }

    private static String writtenOut(String segment) {
        return segment.replace("%2F", "/")
                .replace("%2f", "/")
                .replace("%3A", ":")
                .replace("%3a", ":")
                .replace("%21", "!");
    }
}
