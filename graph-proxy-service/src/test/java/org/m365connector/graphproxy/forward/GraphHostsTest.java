package org.m365connector.graphproxy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.problem.ProblemException;

class GraphHostsTest {

    private final GraphHosts hosts = new GraphHosts(List.of("https://graph.microsoft.com", "http://localhost:8090/"));

    @Test
    void configuredHostsAreAllowedHoweverTheyAreWritten() {
        assertThat(hosts.host("https://Graph.Microsoft.com:443/").origin()).isEqualTo("https://graph.microsoft.com");
        assertThat(hosts.host("http://localhost:8090").port()).isEqualTo(8090);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://graph.microsoft.com",
                "https://graph.microsoft.com:444",
                "https://evil.example",
                "https://graph.microsoft.com@evil.example",
                "https://graph.microsoft.com/v1.0",
                "ftp://graph.microsoft.com",
                "graph.microsoft.com",
                "not a url",
                "",
            })
    void noTokenGoesElsewhere(String baseUrl) {
        ProblemException refusal = catchThrowableOfType(ProblemException.class, () -> hosts.host(baseUrl));

        assertThat(refusal.type()).isEqualTo(ProxyProblem.GRAPH_HOST_NOT_ALLOWED);
    }
}
