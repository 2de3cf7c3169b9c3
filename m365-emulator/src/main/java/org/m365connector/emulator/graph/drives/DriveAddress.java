package org.m365connector.emulator.graph.drives;

import java.util.List;

/**
 * How a call names an item: by its id, by {@code root}, or by a path from one of these, {@code root:/folder/name}, {@code
 * id:/name}.
 *
 * @param from id of the item at which it begins
 * @param names of the folders on the way and of the item; empty where {@code from} is meant
 */
record DriveAddress(String from, List<String> names) {

    static DriveAddress of(String text) {
        int colon = text.indexOf(":/");
        return colon < 0
                ? new DriveAddress(text, List.of())
                : new DriveAddress(
                        text.substring(0, colon),
                        List.of(text.substring(colon + 2).split("/", -1)));
    }

    List<String> onTheWay() {
        return names.subList(0, names.size() - 1);
    }

    String last() {
        return names.get(names.size() - 1);
    }
}
