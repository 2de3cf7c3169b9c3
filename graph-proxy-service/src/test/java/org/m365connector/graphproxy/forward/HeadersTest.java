package org.m365connector.graphproxy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.m365connector.problem.ProblemException;

class HeadersTest {

    private static final Links LINKS =
            new Links("https://graph.microsoft.com", "https://proxy.example/graph/demo/Main");

    @Test
    void whatConcernsOnlyUsNeverReachesGraph() {
        MultiMap from = headers(
                "Authorization: Bearer key",
                "X-API-Key: key",
                "X-Portal-User: ADA",
                "X-M365-Account: service",
                "X-M365-Anything: x",
                "Cookie: a=b",
                "Forwarded: for=1",
                "X-Forwarded-For: 1",
                "x-forwarded-anything: 1",
                "Host: proxy.example",
                "Connection: keep-alive",
                "Connection: X-Secret",
                "X-Secret: s",
                "X-Original-URL: /v1.0/users",
                "X-Rewrite-URL: /v1.0/users",
                "X-Original-Host: graph",
                "X-HTTP-Host-Override: graph",
                "True-Client-IP: 1",
                "Keep-Alive: 5",
                "TE: trailers",
                "Transfer-Encoding: chunked",
                "Upgrade: h2c",
                "Proxy-Authorization: Basic x",
                "Expect: 100-continue",
                "X-HTTP-Method-Override: DELETE",
                "X-HTTP-Method: DELETE",
                "Accept-Encoding: gzip",
                "Content-Length: 3");
        MultiMap to = MultiMap.caseInsensitiveMultiMap();

        Headers.toGraph(from, to, null);

        assertThat(to.names()).containsExactly("client-request-id");
    }

    @Test
    void whatGraphUnderstandsPassesUnchanged() {
        MultiMap from = headers(
                "Prefer: IdType=\"ImmutableId\"",
                "Prefer: odata.maxpagesize=5",
                "ConsistencyLevel: eventual",
                "If-Match: W/\"x\"",
                "Range: bytes=0-9",
                "Content-Type: application/json",
                "client-request-id: mine");
        MultiMap to = MultiMap.caseInsensitiveMultiMap();

        Headers.toGraph(from, to, null);

        assertThat(to.getAll("Prefer")).containsExactly("IdType=\"ImmutableId\"", "odata.maxpagesize=5");
        assertThat(to.get("If-Match")).isEqualTo("W/\"x\"");
        assertThat(to.get("client-request-id")).isEqualTo("mine");
        assertThat(to.names()).hasSize(6);
    }

    @Test
    void graphsCookiesAndChallengesStayHere() {
        MultiMap from = headers(
                "Set-Cookie: a=b",
                "WWW-Authenticate: Bearer",
                "X-M365-Problem: forged",
                "Connection: close",
                "request-id: r",
                "Retry-After: 7",
                "ETag: W/\"x\"",
                "Content-Type: application/json");
        MultiMap to = MultiMap.caseInsensitiveMultiMap();

        Headers.toCaller(from, to, LINKS);

        assertThat(to.names()).containsExactlyInAnyOrder("request-id", "Retry-After", "ETag", "Content-Type");
    }

    @Test
    void locationsAtGraphLeadThroughUs() {
        MultiMap from = headers(
                "Location: https://graph.microsoft.com/v1.0/users/U/messages/M",
                "Content-Location: https://Graph.microsoft.com/v1.0/teams('T')",
                "Operation-Location: https://graph.microsoft.com/v1.0/op");
        MultiMap to = MultiMap.caseInsensitiveMultiMap();

        Headers.toCaller(from, to, LINKS);

        assertThat(to.get("Location")).isEqualTo("https://proxy.example/graph/demo/Main/v1.0/users/U/messages/M");
        assertThat(to.get("Content-Location")).isEqualTo("https://proxy.example/graph/demo/Main/v1.0/teams('T')");
        assertThat(to.get("Operation-Location")).isEqualTo("https://proxy.example/graph/demo/Main/v1.0/op");
    }

    @Test
    void otherLocationsStay() {
        List.of(
                        "https://contoso.sharepoint.example/download?tempauth=x",
                        "https://graph.microsoft.com.evil.example/v1.0/me",
                        "https://graph.microsoft.com",
                        "/teams('T')/operations('O')")
                .forEach(url -> assertThat(LINKS.rewrite(url)).isEqualTo(url));
    }

    @Test
    void jsonIsKnownByItsMediaType() {
        Map.of(
                        "application/json;odata.metadata=minimal", true,
                        "Application/JSON", true,
                        "application/problem+json", true,
                        "text/json-seq", false,
                        "application/octet-stream", false)
                .forEach((type, json) -> assertThat(Headers.isJson(headers("Content-Type: " + type)))
                        .isEqualTo(json));
        assertThat(Headers.isJson(headers())).isFalse();
    }

    private static MultiMap headers(String... lines) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        for (String line : lines) {
            int colon = line.indexOf(':');
            headers.add(line.substring(0, colon), line.substring(colon + 2));
        }
        return headers;
    }

    @Test
    void nameThatIsNoTokenGoesNowhere() {
        for (String name : List.of("", "X N", "X-N\u00f6te", "X(", "X\u0130")) {
            MultiMap from = MultiMap.caseInsensitiveMultiMap().add(name, "a");
            assertThatThrownBy(() -> Headers.toGraph(from, MultiMap.caseInsensitiveMultiMap(), null))
                    .as(name)
                    .isInstanceOf(ProblemException.class);
        }
    }
}
