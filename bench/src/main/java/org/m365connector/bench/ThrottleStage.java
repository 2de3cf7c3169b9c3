package org.m365connector.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.m365connector.backends.KafkaProcess;
import org.m365connector.events.Topics;
import org.m365connector.local.suite.Checkout;
import org.m365connector.local.suite.Processes;
import org.m365connector.local.suite.Service;

/** Two replicas of graph-proxy-service on one Kafka, before a Graph that has no limits and notes what it would have had to refuse. */
final class ThrottleStage implements AutoCloseable {

    static final String MAILBOX = "/v1.0/me/messages";
    static final String CHANNEL = "/v1.0/teams/02bd9fd6-8f93-4758-87c3-1fb73740a315/channels/19:general@thread.tacv2";
    static final int LATENCY_MILLIS = 200;
    static final int AWAY_SECONDS = 4;

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final KafkaProcess kafka;
    private final List<Replica> replicas = new ArrayList<>();
    private final int[] ports = {Scratch.freePort(), Scratch.freePort()};
    private final AtomicInteger refusals = new AtomicInteger();

    private int inMailbox;
    private int mostInMailbox;
    private int ended;
    private final List<Long> begun = new ArrayList<>();

    /** What has been seen since the last time. */
    record Seen(int ended, int mostAtOnce, List<Long> begunNanos) {}

    private final Path work;

    ThrottleStage(Checkout checkout, Path work) {
        this.work = work;
        Scratch.delete(work);
        try {
            Files.createDirectories(work);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        kafka = KafkaProcess.start(work.resolve("kafka"), Scratch.freePort());
        Topics.COMPACTED.forEach(topic -> kafka.createTopic(topic, 1, Map.of("cleanup.policy", "compact")));
        kafka.createTopic(Topics.THROTTLING, 1, Map.of("message.timestamp.type", "LogAppendTime"));
        kafka.createTopic(Topics.AUDIT, 1, Map.of());
        int graph = ProxyStage.listen(vertx, this::answer);
        int auth = ProxyStage.listen(vertx, ProxyStage::giveToken);
        ProxyStage.publishRecords(kafka, graph);
        for (int number = 0; number < ports.length; number++) {
            Replica replica = Replica.start(
                    checkout,
                    Service.PROXY,
                    "http://localhost:" + ports[number],
                    List.of("@" + checkout.jvmOptions()),
                    ProxyStage.environment(kafka, ports[number], auth, graph),
                    work,
                    number);
            replicas.add(replica);
        }
        replicas.forEach(Replica::awaitReady);
        // Both have heard each other, and taken half.
        Processes.pause(Duration.ofSeconds(3));
    }

    Proxy.Way replica(int number) {
        return ProxyStage.ours(ports[number]);
    }

    /** So many calls are refused with a 429 that asks to stay away for that long. */
    void refuse(int calls) {
        refusals.set(calls);
    }

    private synchronized void answer(HttpServerRequest request) {
        begun.add(System.nanoTime());
        if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            request.response()
                    .setStatusCode(429)
                    .putHeader("Retry-After", Integer.toString(AWAY_SECONDS))
                    .end();
            return;
        }
        boolean mailbox = request.uri().startsWith(MAILBOX);
        if (mailbox) {
            mostInMailbox = Math.max(mostInMailbox, ++inMailbox);
        }
        vertx.setTimer(mailbox ? LATENCY_MILLIS : 5, timer -> end(request, mailbox));
    }

    private synchronized void end(HttpServerRequest request, boolean mailbox) {
        inMailbox -= mailbox ? 1 : 0;
        ended++;
        request.response().putHeader("Content-Type", "application/json").end("{\"value\":[]}");
    }

    synchronized Seen seen() {
        Seen seen = new Seen(ended, mostInMailbox, List.copyOf(begun));
        ended = 0;
        mostInMailbox = inMailbox;
        begun.clear();
        return seen;
    }

    @Override
    public void close() {
        replicas.forEach(Replica::close);
        kafka.close();
        vertx.close();
        Scratch.delete(work.resolve("kafka"));
    }
}
