package org.m365connector.emulator.graph.subscriptions;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.m365connector.emulator.graph.protocol.GraphError;
import org.m365connector.emulator.graph.switches.Switches;

/**
 * The validation of an endpoint: it must give back the decoded token, exactly, as text/plain, with 200, in time. The
 * notification endpoint gets a token like Microsoft's; the lifecycle endpoint one with all that a careless decoder breaks.
 */
final class Handshake {

    private final Webhooks webhooks;
    private final Switches switches;

    Handshake(Webhooks webhooks, Switches switches) {
        this.webhooks = webhooks;
        this.switches = switches;
    }

    Future<Void> withNotificationUrl(String url) {
        return with(url, text(), switches.flag("validation.spaceAsPlus"));
    }

    Future<Void> withLifecycleUrl(String url) {
        String token = text();
        return switches.flag("validation.hardTokens")
                ? with(url, token + " 1+1=2 100% %2B & \u00fcber", !switches.flag("validation.spaceAsPlus"))
                : with(url, token, switches.flag("validation.spaceAsPlus"));
    }

    private static String text() {
        return "Validation: Testing client application reachability for subscription Request-Id: " + UUID.randomUUID();
    }

    private Future<Void> with(String url, String token, boolean spaceAsPlus) {
        if (!switches.flag("validation.reachable")) {
            return Future.failedFuture(unreachable());
        }
        String encoded = URLEncoder.encode(token, StandardCharsets.UTF_8);
        String parameter = "validationToken=" + (spaceAsPlus ? encoded : encoded.replace("+", "%20"));
        String target = url + (url.contains("?") ? "&" : "?") + parameter;
        return webhooks.post(
                        target,
                        "text/plain; charset=utf-8",
                        Buffer.buffer(),
                        switches.seconds("validation.timeoutSeconds"))
                .recover(failure -> Future.failedFuture(
                        failure instanceof TimeoutException
                                ? refused("Subscription validation request timed out.")
                                : unreachable()))
                .compose(answer -> {
                    if (answer.status() == 404) {
                        return Future.failedFuture(
                                refused("Subscription validation request failed. HTTP status code is 'NotFound'."));
                    }
                    if (answer.status() != 200) {
                        return Future.failedFuture(
                                refused("Subscription validation request failed. Notification endpoint must respond"
                                        + " with 200 OK to validation request."));
                    }
                    boolean plain =
                            answer.contentType().toLowerCase(Locale.ROOT).startsWith("text/plain");
                    if (!plain || !answer.body().equals(Buffer.buffer(token))) {
                        return Future.failedFuture(
                                refused("Subscription validation request failed. Response must exactly match"
                                        + " validationToken query parameter."));
                    }
                    return Future.succeededFuture();
                });
    }

    private GraphError unreachable() {
        return refused("Subscription validation request failed. The endpoint cannot be reached.");
    }

    private GraphError refused(String message) {
        return GraphError.of(400, switches.text("validation.errorCode"), message);
    }
}
