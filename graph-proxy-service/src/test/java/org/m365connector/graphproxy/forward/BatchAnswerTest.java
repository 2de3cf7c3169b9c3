package org.m365connector.graphproxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BatchAnswerTest {

    private static final Links LINKS =
            new Links("https://graph.microsoft.com", "https://proxy.example/graph/demo/Main");
    private static final String LINK = "https://graph.microsoft.com/v1.0/me";
    private static final String HERE = "https://proxy.example/graph/demo/Main/v1.0/me";

    private static final String ANSWER = """
            {"responses" : [
              {"id":"a","status":429,"headers":{"Retry-After":"33","X":["y"]},"body":{"status":200,"id":"z"}},
              {"status" : 429 ,"headers":{"retry-after":7},"id":"\\u00e4\\"b","body":null},
              {"id":"c","status":200,"headers":{"Location":"LINK","content-location" :\t"LINK","Other":"LINK"},
               "body":{"responses":[{"status":429,"id":"d","headers":{"Location":"LINK"}}],"Location":"LINK",
                       "text":"\\"headers\\":{\\"Location\\":\\"LINK\\"}","x@odata.nextLink":"LINK"}},
              {"id":"e","status":4290,"headers":"Location"},
              {"id":"f","status":"429","headers":{}}],
             "headers":{"Location":"LINK"},"@odata.nextLink":"LINK",
             "more":[{"id":"g","status":429,"headers":{"Location":"LINK"}}]}
            """.replace("LINK", LINK);

    private static final String REWRITTEN = ANSWER.replace(
                    "\"status\":200,\"headers\":{\"Location\":\"" + LINK,
                    "\"status\":200,\"headers\":{\"Location\":\"" + HERE)
            .replace("content-location\" :\t\"" + LINK, "content-location\" :\t\"" + HERE)
            .replace("nextLink\":\"" + LINK, "nextLink\":\"" + HERE);

    @Test
    void throttledItemsAreToldAndLinksInHeadersRewrittenWhereverThePiecesEnd() {
        byte[] bytes = ANSWER.getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            List<String> throttled = new ArrayList<>();
            LinkRewriter rewriter = rewriter(throttled);
            Buffer out = Buffer.buffer();
            out.appendBuffer(rewriter.rewrite(Buffer.buffer(ANSWER.substring(0, cut))));
            out.appendBuffer(rewriter.rewrite(Buffer.buffer(ANSWER.substring(cut))));
            out.appendBuffer(rewriter.end());
            assertThat(out.toString()).as("cut at %d", cut).isEqualTo(REWRITTEN);
            assertThat(throttled).as("cut at %d", cut).containsExactly("a 33", "\u00e4\"b 7", "f null");
        }
    }

    @Test
    void whatIsNoJsonPassesAndTeachesNothing() {
        for (String odd :
                List.of("]]]}}}{", "{\"responses\":[[[[[[[", "\"\\", "{\"responses\":[{\"id\":\"" + "x".repeat(5000))) {
            List<String> throttled = new ArrayList<>();
            LinkRewriter rewriter = rewriter(throttled);
            Buffer out = Buffer.buffer().appendBuffer(rewriter.rewrite(Buffer.buffer(odd)));
            assertThat(out.appendBuffer(rewriter.end()).toString()).isEqualTo(odd);
            assertThat(throttled).isEmpty();
        }
    }

    private static LinkRewriter rewriter(List<String> throttled) {
        return new LinkRewriter(
                LINKS, Optional.of(new BatchAnswer((id, retryAfter) -> throttled.add(id + " " + retryAfter))));
    }
}
