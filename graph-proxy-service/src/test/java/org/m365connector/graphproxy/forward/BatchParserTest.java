package org.m365connector.graphproxy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.problem.ProblemException;

class BatchParserTest {

    private static final String ITEM = "{\"id\":\"1\",\"method\":\"get\",\"url\":\"/me/messages?$top=1\"}";

    @Test
    void itemsAreReadAndTheirBodiesSkipped() {
        Batch batch = parse(
                "{\"requests\":[" + ITEM + ",{\"body\":{\"id\":\"x\",\"a\":[1,{}],\"a\":2},\"dependsOn\":[\"1\"],"
                        + "\"headers\":{\"Content-Type\":\"application/json\"},\"url\":\"users\",\"method\":\"POST\",\"id\":\"2\"}]}");

        assertThat(batch.templates()).containsExactly("GET /me/messages", "POST /users");
        assertThat(batch.items().get(0).query()).isEqualTo("$top=1");
        assertThat(batch.indexOf("2")).isEqualTo(1);
        assertThat(batch.indexOf("3")).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "[]",
                "{}",
                "{\"requests\":{}}",
                "{\"requests\":[]}",
                "{\"requests\":[1]}",
                "{\"requests\":[ITEM],}",
                "{\"requests\":[ITEM,]}",
                "{\"requests\":[ITEM]",
                "{\"requests\":[ITEM]}x",
                "{\"requests\":[ITEM],\"requests\":[]}",
                "{\"x\":1,\"requests\":[ITEM]}",
                "{\"requests\":[{\"id\":\"a\"},{\"id\":\"A\"}]}",
                "{\"requests\":[{\"id\":\"a\",\"id\":\"a\"}]}",
                "{\"requests\":[{\"id\":\"a\",\"headers\":{\"a\":1,\"a\":1}}]}"
            })
    void whatIsNoBatchIsNone(String body) {
        assertThatThrownBy(() -> parse(body.replace("ITEM", ITEM)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type().slug()).isEqualTo("batch-invalid"));
    }

    @Test
    void otherEncodingsAreNotReadThoughTheyCouldBe() {
        String body = "{\"requests\":[" + ITEM + "]}";
        for (Charset other : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            assertThatThrownBy(() -> Batch.parse(body.getBytes(other), "/v1.0"))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            problem -> assertThat(problem.type().slug()).isEqualTo("batch-invalid"));
        }
    }

    /** While it is read, the loop goes on with others. */
    @Test
    void longOnesAreReadOnAnotherThread() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (BatchReader reader = new BatchReader(vertx)) {
            Buffer longOne = Buffer.buffer("{\"requests\":[" + ITEM + "]" + " ".repeat(4_000_000) + "}");
            CompletableFuture<String> first = new CompletableFuture<>();
            CompletableFuture<Batch> read = new CompletableFuture<>();
            vertx.runOnContext(begin -> {
                reader.read(longOne, MultiMap.caseInsensitiveMultiMap(), "/v1.0")
                        .onFailure(read::completeExceptionally)
                        .onSuccess(batch -> {
                            first.complete("read");
                            read.complete(batch);
                        });
                first.complete("went on");
            });
            assertThat(first.get()).isEqualTo("went on");
            assertThat(read.get().items()).hasSize(1);
        } finally {
            vertx.close();
        }
    }

    private static Batch parse(String body) {
        return Batch.parse(body.getBytes(StandardCharsets.UTF_8), "/v1.0");
    }
}
