package org.m365connector.emulator.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.m365connector.emulator.graph.GraphClientOfTests.encoded;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.m365connector.emulator.Emulator;
import org.m365connector.emulator.Seed;
import org.m365connector.emulator.graph.GraphClientOfTests.Answer;

class ThrottlingTest {

    private static final String TEAM = "/teams/" + Seed.TEAM_ID;
    private static final String MESSAGE = "{\"body\":{\"content\":\"Hi\"}}";

    private static Emulator emulator;
    private static GraphClientOfTests graph;

    @BeforeAll
    static void start() {
        emulator = Emulator.start();
        graph = new GraphClientOfTests(emulator);
    }

    @AfterAll
    static void stop() {
        emulator.close();
    }

    @BeforeEach
    void reset() {
        emulator.reset();
    }

    private static Answer post(String upn, String channelId) {
        return graph.post(graph.tokenOf(upn), TEAM + "/channels/" + encoded(channelId) + "/messages", MESSAGE);
    }

    @Test
    void aUserPostsOnceASecondAndWhoComesBackTooEarlyWaitsLonger() {
        assertThat(post(Seed.BEN, Seed.GENERAL_ID).status()).isEqualTo(201);

        Answer refused = post(Seed.BEN, Seed.MILESTONES_ID);

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).contains("1");
        JsonNode error = refused.json().path("error");
        assertThat(error.path("code").asText()).isEqualTo("TooManyRequests");
        assertThat(error.path("message").asText()).isEqualTo("Please retry again later.");
        assertThat(error.path("innerError").path("code").asText()).isEqualTo("429");
        assertThat(error.path("innerError").path("message").asText()).isEqualTo("Please retry after");
        assertThat(error.path("innerError").path("status").asText()).isEqualTo("429");
        emulator.advance(Duration.ofSeconds(1));
        assertThat(post(Seed.BEN, Seed.MILESTONES_ID).status()).isEqualTo(201);
    }

    @Test
    void aChannelIsReadOnceASecondPerApp() {
        String path = TEAM + "/channels/" + encoded(Seed.GENERAL_ID) + "/messages";
        assertThat(graph.get(graph.appToken(), path).status()).isEqualTo(200);
        assertThat(graph.get(graph.tokenOf(Seed.BEN), path + "/delta").status()).isEqualTo(429);
        emulator.advance(Duration.ofSeconds(1));
        assertThat(graph.get(graph.appToken(), path).status()).isEqualTo(200);
    }

    @Test
    void whateverAnAppDoesWithOneChannelCountsTogether() {
        String general = TEAM + "/channels/" + encoded(Seed.GENERAL_ID);
        assertThat(graph.get(graph.appToken(), general + "/messages/delta").status())
                .isEqualTo(200);

        Answer refused = post(Seed.BEN, Seed.GENERAL_ID);

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).contains("1");
        assertThat(graph.get(graph.appToken(), TEAM + "/channels/" + encoded(Seed.MILESTONES_ID))
                        .status())
                .isEqualTo(200);
        emulator.advance(Duration.ofSeconds(2));
        assertThat(post(Seed.BEN, Seed.GENERAL_ID).status()).isEqualTo(201);
        assertThat(graph.get(graph.appToken(), general).status()).isEqualTo(429);
    }

    @Test
    void aCallWithoutPermissionCountsToo() {
        String path = TEAM + "/channels/" + encoded(Seed.GENERAL_ID) + "/messages";
        String token = graph.tokenOf(Seed.BEN, Set.of("User.Read"));

        assertThat(graph.get(token, path).status()).isEqualTo(403);
        assertThat(graph.get(token, path).status()).isEqualTo(429);
    }

    @Test
    void theFifthCallAtOnceToAMailboxIsRefused() {
        graph.control("POST", "/graph", "{\"throttling\":{\"latencyMillis\":5000}}");
        List<CompletableFuture<Answer>> calls = new ArrayList<>();
        for (int n = 0; n < 6; n++) {
            calls.add(graph.callAsync("GET", graph.appToken(), "/users/" + Seed.ADA + "/messages", ""));
        }
        calls.add(graph.callAsync("GET", graph.appToken(), "/users/" + Seed.BEN + "/messages", ""));

        List<Answer> answers = calls.stream().map(CompletableFuture::join).toList();

        assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(5);
        List<Answer> refused =
                answers.stream().filter(answer -> answer.status() == 429).toList();
        assertThat(refused).hasSize(2);
        assertThat(refused.get(0).http().body())
                .isEqualTo("{\"error\":{\"code\":\"ApplicationThrottled\",\"message\":\"Application is over its"
                        + " MailboxConcurrency limit.\"}}");
        assertThat(refused.get(0).header("Retry-After")).isPresent();
    }

    @Test
    void limitsCanBeChangedWhileItRunsButNotMisspelt() {
        graph.control("POST", "/graph", "{\"throttling\":{\"outlookPerAppAndMailbox\":{\"requests\":[2,60]}}}");
        String path = "/users/" + Seed.ADA + "/messages";
        assertThat(graph.get(graph.appToken(), path).status()).isEqualTo(200);
        assertThat(graph.get(graph.appToken(), path).status()).isEqualTo(200);
        Answer refused = graph.get(graph.appToken(), path);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(Integer.parseInt(refused.header("Retry-After").orElseThrow()))
                .isBetween(50, 60);

        Answer misspelt = graph.post("", emulator.httpBase() + "/_emulator/graph", "{\"throtling\":{}}");
        assertThat(misspelt.status()).isEqualTo(400);
    }
}
