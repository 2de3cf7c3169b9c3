package org.m365connector.emulator.graph.mail;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.m365connector.emulator.graph.protocol.Call;
import org.m365connector.emulator.graph.protocol.Filter;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.protocol.Query;

/** How a client wants to see mails. */
record MailView(boolean immutableIds, boolean textBodies, List<String> selected, Optional<Filter> extended) {

    private static final Pattern EXPAND =
            Pattern.compile("(?i)" + MailMessages.EXTENDED + "(?:\\(\\s*\\$?filter=(.*)\\))?");

    static MailView of(Call call) {
        return of(call, call.query());
    }

    /** With options that were given with an earlier call. */
    static MailView of(Call call, Query options) {
        return new MailView(
                call.prefer().immutableIds(),
                call.prefer().textBodies(),
                MailMessages.PROPERTIES.select(options),
                extended(options));
    }

    private static Optional<Filter> extended(Query options) {
        Optional<String> expand = options.text("expand");
        if (expand.isEmpty() || expand.get().equalsIgnoreCase("attachments")) {
            return Optional.empty();
        }
        Matcher wanted = EXPAND.matcher(expand.get().trim());
        if (!wanted.matches()) {
            throw GraphError.badRequest("Parsing OData Select and Expand failed: Could not find a property named '"
                    + expand.get() + "' on type 'microsoft.graph.message'.");
        }
        if (wanted.group(1) == null) {
            throw GraphError.of(
                    400,
                    "ErrorInvalidUrlQueryFilter",
                    "Expand of singleValueExtendedProperties needs a filter on the property's id.");
        }
        return Optional.of(Filter.parse(wanted.group(1)));
    }
}
