package org.m365connector.sync.round;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The thing that a notification names.
 *
 * @param place below its container's items, where that is more than the id
 */
record NamedItem(String id, Optional<String> place) {
    private static final String KEY = "(?:\\('([^']+)'\\)|/([^/?]+))";

    private static final Pattern ITEM = Pattern.compile(
            "^/?(?:users|teams|chats)[(/].*?/?(?:messages|events|contacts)" + KEY + "(?:/replies" + KEY + ")?$",
            Pattern.CASE_INSENSITIVE);

    /**
     * {@code Users/<id>/Messages/AAk…}, {@code teams('<id>')/channels('19:…')/messages('16…')/replies('16…')}.
     *
     * @return empty where it is another kind of thing
     */
    static Optional<NamedItem> of(String resource) {
        Matcher item = ITEM.matcher(resource);
        if (!item.matches()) {
            return Optional.empty();
        }
        String id = either(item, 1);
        String reply = either(item, 3);
        return Optional.of(
                reply == null
                        ? new NamedItem(id, Optional.empty())
                        : new NamedItem(reply, Optional.of(id + "/replies/" + reply)));
    }

    private static String either(Matcher item, int group) {
        return item.group(group) != null ? item.group(group) : item.group(group + 1);
    }
}
