package org.m365connector.graphproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Seed;

/** Two replicas at once: Graph's limits are kept in sum, and used; the emulator refuses whatever is too much. And who is out is out of both. */
class ThrottleIT {
    private static final int ATTEMPTS = 3;
    private static final String ALL_IN_TIME = "six calls, all of them answered, one a second";
    private static final String NONE_REFUSED = "Graph refused none";
    private static final String NOT_IDLE = "all of them answered, and the mailbox was not idle";

    private static TwoReplicas replicas;

    @BeforeAll
    static void start() throws Exception {
        replicas = new TwoReplicas();
    }

    @AfterAll
    static void stop() {
        if (replicas != null) {
            replicas.close();
        }
    }

    @BeforeEach
    void reset() {
        replicas.emulator().reset();
    }

    /** Where the machine stops a caller or a replica for a while, the mailbox is idle meanwhile; so this must come true once in three. */
    @Test
    void aMailboxSeesFourAtOnceOverBothReplicasAndIsNotIdle() throws Exception {
        List<String> attempts = new ArrayList<>();
        while (attempts.size() < ATTEMPTS && !attempts.contains(NOT_IDLE)) {
            attempts.add(eightCallersOfOneMailbox());
        }
        assertThat(attempts).contains(NOT_IDLE);
    }

    private static String eightCallersOfOneMailbox() throws Exception {
        // So long that what a loaded machine takes from one call to the next is little of it.
        int latencyMillis = 2_000;
        // Counted when both are warm.
        Duration warmUp = Duration.ofSeconds(3);
        Duration counted = Duration.ofSeconds(6);
        replicas.control("POST", "/graph", "{\"throttling\":{\"latencyMillis\":" + latencyMillis + "}}");
        List<String> spellings = List.of(
                "/v1.0/me/messages",
                "/v1.0/users/" + Seed.BEN + "/messages",
                "/v1.0/users/" + Seed.BEN_OID + "/messages");
        ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
        Instant begin = Instant.now().plus(warmUp);
        Instant end = begin.plus(counted);
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int caller = i;
            HttpRequest.Builder request = replicas.request(caller % 2, spellings.get(caller % 3));
            if (caller % 3 > 0) {
                request.header("X-M365-Account", "service");
            }
            callers.add(new Thread(
                    () -> callUntil(() -> end, request.build(), statuses, new ConcurrentLinkedQueue<>()),
                    "caller-" + i));
        }
        callers.forEach(Thread::start);
        for (Thread caller : callers) {
            caller.join();
        }

        assertThat(replicas.graphRequests())
                .allSatisfy(seen -> assertThat(seen.getInteger("status")).isEqualTo(200));
        long used = replicas.graphRequests().stream()
                .mapToLong(seen -> overlap(Instant.parse(seen.getString("time")), latencyMillis, begin, end))
                .sum();
        long percent = 100 * used / (4 * counted.toMillis());
        boolean all = statuses.stream().allMatch(status -> status == 200);
        return all && percent >= 90 ? NOT_IDLE : statuses + " and " + percent + " % of what 4 at once allow";
    }

    /** How much of a call's time lies between the two. */
    private static long overlap(Instant called, long millis, Instant begin, Instant end) {
        long from = Math.max(0, Duration.between(begin, called).toMillis());
        long to = Math.min(
                Duration.between(begin, end).toMillis(),
                Duration.between(begin, called.plusMillis(millis)).toMillis());
        return Math.max(0, to - from);
    }

    /** @param told is added what refused calls are told by Graph of when to come again */
    private static void callUntil(
            Supplier<Instant> end,
            HttpRequest request,
            ConcurrentLinkedQueue<Integer> statuses,
            ConcurrentLinkedQueue<String> told) {
        while (Instant.now().isBefore(end.get())) {
            try {
                HttpResponse<Void> answer = replicas.client().send(request, HttpResponse.BodyHandlers.discarding());
                statuses.add(answer.statusCode());
                if (answer.headers().firstValue("X-M365-Problem").isEmpty()) {
                    answer.headers().firstValue("Retry-After").ifPresent(told::add);
                }
            } catch (java.io.IOException | InterruptedException e) {
                statuses.add(0);
                return;
            }
        }
    }

    /** Where the machine stops somebody for a while, Graph hears of the call later than its caller thinks; so once in three. */
    @Test
    void whatItsCallerHasLeftCountsWhileGraphIsAtWorkOnIt() throws Exception {
        List<String> attempts = new ArrayList<>();
        while (attempts.size() < ATTEMPTS && !attempts.contains(NONE_REFUSED)) {
            replicas.emulator().reset();
            attempts.add(fourCallersWhoLeaveAndFourMore());
        }
        assertThat(attempts).contains(NONE_REFUSED);
    }

    private static String fourCallersWhoLeaveAndFourMore() throws Exception {
        for (int replica : new int[] {0, 1}) {
            assertThat(status(call(replica, Duration.ofMinutes(1)))).isEqualTo(200);
        }
        // Graph is at work for longer than they wait, and not twice as long.
        replicas.control("POST", "/graph", "{\"throttling\":{\"latencyMillis\":3000}}");
        List<Integer> statuses = new ArrayList<>();
        for (Duration patience : List.of(Duration.ofSeconds(2), Duration.ofMinutes(1))) {
            List<CompletableFuture<HttpResponse<Void>>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                calls.add(call(i % 2, patience));
            }
            calls.forEach(call -> statuses.add(status(call)));
        }
        List<Integer> seen = replicas.graphRequests().stream()
                .map(each -> each.getInteger("status"))
                .toList();
        // Graph writes nothing to those who have left.
        boolean none = statuses.equals(List.of(0, 0, 0, 0, 200, 200, 200, 200))
                && seen.equals(List.of(200, 200, 0, 0, 0, 0, 200, 200, 200, 200));
        return none ? NONE_REFUSED : "answered " + statuses + ", Graph " + seen;
    }

    private static CompletableFuture<HttpResponse<Void>> call(int replica, Duration patience) {
        return replicas.client()
                .sendAsync(
                        replicas.request(replica, "/v1.0/me/messages")
                                .timeout(patience)
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
    }

    /** 0 of who has lost his patience. */
    private static int status(CompletableFuture<HttpResponse<Void>> call) {
        return call.handle((answer, failure) -> failure == null ? answer.statusCode() : 0)
                .join();
    }

    @Test
    void after429NeitherReplicaBeginsACallBeforeItsEnd() throws Exception {
        ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
        AtomicReference<Instant> end = new AtomicReference<>(Instant.MAX);
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            HttpRequest request = replicas.request(i % 2, "/v1.0/me/messages").build();
            callers.add(new Thread(() -> callUntil(end::get, request, statuses, told), "caller-" + i));
        }
        callers.forEach(Thread::start);
        try {
            await().atMost(Duration.ofMinutes(3)).until(() -> statuses.size() > 20);
            replicas.control(
                    "POST",
                    "/faults",
                    "{\"match\":{\"path\":\"/me/messages\"},\"status\":429,\"retryAfter\":\"2.7\",\"times\":1}");
        } finally {
            end.set(Instant.now().plusSeconds(7));
        }
        for (Thread caller : callers) {
            caller.join();
        }

        List<JsonObject> seen = replicas.graphRequests();
        Instant closed = seen.stream()
                .filter(request -> request.getInteger("status") == 429)
                .map(request -> Instant.parse(request.getString("time")))
                .findFirst()
                .orElseThrow();
        List<Long> after = seen.stream()
                .map(request -> Duration.between(closed, Instant.parse(request.getString("time")))
                        .toMillis())
                .toList();
        assertThat(after).noneMatch(millis -> millis > 1_000 && millis < 2_700).anyMatch(millis -> millis >= 2_700);
        assertThat(statuses).containsOnlyOnce(429).containsOnly(200, 429);
        assertThat(told).as("whole seconds, rounded up").containsExactly("3");
    }

    @Test
    void whoIsSignedOutIsRefusedByEitherReplicaWithinTwoSeconds() throws Exception {
        List<Long> millis = new ArrayList<>();
        do {
            if (!millis.isEmpty()) {
                replicas.signInBen();
            }
            await("with a token in memory")
                    .atMost(Duration.ofMinutes(3))
                    .until(() -> statusOfMe(0) == 200 && statusOfMe(1) == 200);
            replicas.signOutBen();
            long begin = System.nanoTime();
            await().atMost(Duration.ofMinutes(3))
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> statusOfMe(0) == 409 && statusOfMe(1) == 409);
            millis.add((System.nanoTime() - begin) / 1_000_000);
        } while (millis.get(millis.size() - 1) >= 2_000 && millis.size() < ATTEMPTS);
        assertThat(millis).as("milliseconds until out").anyMatch(taken -> taken < 2_000);
        int before = replicas.graphRequests().size();
        for (int call = 0; call < 20; call++) {
            assertThat(statusOfMe(call % 2)).isEqualTo(409);
        }
        assertThat(replicas.graphRequests()).hasSize(before);

        replicas.signInBen();
        await().atMost(Duration.ofMinutes(3)).until(() -> statusOfMe(0) == 200 && statusOfMe(1) == 200);
    }

    private static int statusOfMe(int replica) throws Exception {
        return replicas.client()
                .send(replicas.request(replica, "/v1.0/me").build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    /**
     * The calls of two processes keep a sixteenth of a second more than the limit. Where the machine stops one of them for longer
     * than that, Graph sees them closer together; so this must come true once in three.
     */
    @Test
    void oneCallASecondOverTwoReplicasIsOneCallASecond() throws Exception {
        List<String> attempts = new ArrayList<>();
        while (attempts.size() < ATTEMPTS && !attempts.contains(ALL_IN_TIME)) {
            // What the attempt before it was told by Graph is over.
            Thread.sleep(attempts.isEmpty() ? 0 : 3_000);
            attempts.add(sixCallsOnOneChannel());
        }
        assertThat(attempts).contains(ALL_IN_TIME);
    }

    private static String sixCallsOnOneChannel() throws Exception {
        String channel = "/v1.0/teams/" + Seed.TEAM_ID + "/channels/"
                + Seed.GENERAL_ID.replace(":", "%3A").replace("@", "%40") + "/messages";
        int before = replicas.graphRequests().size();
        Instant begin = Instant.now();
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            HttpRequest request = replicas.request(i % 2, channel)
                    .header("X-M365-Account", "service")
                    .header("X-M365-Lane", "sync")
                    .build();
            calls.add(replicas.client().sendAsync(request, HttpResponse.BodyHandlers.ofString()));
        }
        List<Integer> answers =
                calls.stream().map(call -> call.join().statusCode()).toList();
        Duration taken = Duration.between(begin, Instant.now());
        List<Integer> seen = replicas.graphRequests().stream()
                .skip(before)
                .map(request -> request.getInteger("status"))
                .toList();
        boolean inTime = taken.compareTo(Duration.ofMillis(5_000 * 10 / 9 + 2_000)) < 0;
        boolean all = answers.stream().allMatch(status -> status == 200) && seen.equals(answers);
        return all && inTime ? ALL_IN_TIME : answers + " and at Graph " + seen + " in " + taken;
    }
}
