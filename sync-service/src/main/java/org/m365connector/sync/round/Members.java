package org.m365connector.sync.round;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.kiota.serialization.AdditionalDataHolder;
import com.microsoft.kiota.serialization.UntypedString;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.Optional;

/** Members of Graph's resources, as the SDK shows them and as the portal is told. */
final class Members {
    private Members() {}

    /** What Graph does not tell is long ago. */
    static Instant instant(OffsetDateTime time) {
        return instant(time, Instant.EPOCH);
    }

    static Instant instant(OffsetDateTime time, Instant otherwise) {
        return time == null ? otherwise : time.toInstant();
    }

    /** What is not there is left out. */
    static void put(ObjectNode node, String name, Object value) {
        if (value instanceof Boolean flag) {
            node.put(name, flag);
        } else if (value instanceof Number number) {
            node.put(name, number.longValue());
        } else if (value != null) {
            node.put(name, value.toString());
        }
    }

    /** The annotation {@code @odata.etag}, for which the SDK has no getter. */
    static Optional<String> etag(AdditionalDataHolder resource) {
        Object annotation = resource.getAdditionalData().get("@odata.etag");
        return Optional.ofNullable(
                annotation instanceof UntypedString text ? text.getValue() : Objects.toString(annotation, null));
    }

    static boolean isRemoved(AdditionalDataHolder resource) {
        return resource.getAdditionalData().containsKey("@removed");
    }
}
