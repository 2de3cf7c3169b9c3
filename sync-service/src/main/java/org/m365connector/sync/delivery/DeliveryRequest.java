package org.m365connector.sync.delivery;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.m365connector.problem.ProblemException;
import org.m365connector.sync.SyncProblem;

/**
 * How a portal wants its events.
 *
 * @param url its API endpoint; without one events are kept until it asks for them
 * @param apiKey sent to the endpoint as {@code X-API-KEY}; needed where there is a URL
 * @param topics any of {@code changes}, {@code results}, {@code logins}; all where it is missing
 */
public record DeliveryRequest(Optional<String> url, Optional<String> apiKey, List<String> topics) {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7E]{1,1000}");

    public DeliveryRequest {
        url = url == null ? Optional.empty() : url;
        apiKey = apiKey == null ? Optional.empty() : apiKey;
        topics = topics == null
                ? List.of()
                : topics.stream().map(String::valueOf).toList();
    }

    /** @throws ProblemException {@code invalid-delivery} */
    Optional<Target> target(List<String> origins) {
        Optional<Target> target;
        try {
            target = url.map(Target::of);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(SyncProblem.INVALID_DELIVERY, e.getMessage()).causedBy(e);
        }
        if (target.isPresent() && !target.get().liesIn(origins)) {
            throw new ProblemException(SyncProblem.INVALID_DELIVERY, "url lies in none of the portal's origins");
        }
        if (target.isPresent() != apiKey.isPresent()) {
            throw new ProblemException(SyncProblem.INVALID_DELIVERY, "url and apiKey belong together");
        }
        if (apiKey.filter(key -> !KEY.matcher(key).matches()).isPresent()) {
            throw new ProblemException(
                    SyncProblem.INVALID_DELIVERY, "apiKey must be up to 1000 printable characters without spaces");
        }
        return target;
    }

    /** @throws ProblemException {@code invalid-delivery} */
    Set<DeliveredTopic> wanted() {
        if (topics.isEmpty()) {
            return EnumSet.allOf(DeliveredTopic.class);
        }
        Set<DeliveredTopic> wanted = EnumSet.noneOf(DeliveredTopic.class);
        for (String topic : topics) {
            try {
                wanted.add(DeliveredTopic.of(topic));
            } catch (IllegalArgumentException e) {
                throw new ProblemException(SyncProblem.INVALID_DELIVERY, "topics may be changes, results and logins")
                        .causedBy(e);
            }
        }
        return wanted;
    }

    @Override
    public String toString() {
        return "DeliveryRequest[url=" + url.orElse("") + ", topics=" + topics + "]";
    }
}
