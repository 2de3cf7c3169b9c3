package org.m365connector.auth.setup;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What is to be done so that a registration works, in the order in which it is done, and how far it has come.
 *
 * @param labels the words of the page, by name
 */
record SetupGuide(
        String language,
        String title,
        String portal,
        String registration,
        List<Step> steps,
        PermissionPlan permissions,
        Map<String, String> labels) {

    /** Where a step is done: the two columns of the picture. */
    enum Side {
        ENTRA,
        CONNECTOR;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Nothing is claimed that has not been seen: whether Entra has a redirect URI, the first sign-in shows. */
    enum State {
        DONE,
        OPEN,
        UNKNOWN;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param who may do it
     * @param state whether it has been done, as far as can be seen from here
     * @param stateText the same for a person, with the reason
     * @param values what has to be entered or chosen
     * @param yields names of what this step brings that a later one needs
     * @param request what the connector is called with; {@code {name}} stands for what an earlier step brought
     */
    record Step(
            int number,
            String id,
            Side side,
            String title,
            String text,
            String who,
            State state,
            String stateText,
            List<Value> values,
            List<String> yields,
            Optional<Request> request) {}

    /** @param link whether it is an address to open */
    record Value(String name, String label, String value, boolean link) {}

    record Request(String method, String path, Map<String, Object> body) {}
}
