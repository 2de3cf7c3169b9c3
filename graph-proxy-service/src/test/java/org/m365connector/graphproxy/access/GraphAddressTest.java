package org.m365connector.graphproxy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.m365connector.events.PortalId;
import org.m365connector.events.PortalUser;
import org.m365connector.events.RegistrationName;
import org.m365connector.graphproxy.ProxyProblem;
import org.m365connector.problem.ProblemException;

class GraphAddressTest {

    @Test
    void addressIsTakenApartWithoutChangingAByteOfIt() {
        GraphAddress address = GraphAddress.parse(
                "/graph/demo/Main/v1.0/teams/AbC/channels/19%3aX%40thread.tacv2/messages?$top=2&$filter=a%20eq%20'B'");

        assertThat(address.portal()).isEqualTo(new PortalId("demo"));
        assertThat(address.registration()).isEqualTo(new RegistrationName("Main"));
        assertThat(address.portalUser()).isEmpty();
        assertThat(address.base()).isEqualTo("/graph/demo/Main");
        assertThat(address.target())
                .hasValue("/v1.0/teams/AbC/channels/19%3aX%40thread.tacv2/messages?$top=2&$filter=a%20eq%20'B'");
        assertThat(address.targetPath()).isEqualTo("/v1.0/teams/AbC/channels/19%3aX%40thread.tacv2/messages");
    }

    @Test
    void portalUserMayStandInThePath() {
        GraphAddress address = GraphAddress.parse("/graph/demo/Main/as/0A%2B1%3a+/beta/me");

        assertThat(address.portalUser()).hasValue(new PortalUser("0A+1:+"));
        assertThat(address.base()).isEqualTo("/graph/demo/Main/as/0A%2B1%3a+");
        assertThat(address.target()).hasValue("/beta/me");
    }

    @Test
    void capabilitiesAreAnAddressOfTheirOwn() {
        assertThat(GraphAddress.parse("/graph/demo/Main/capabilities").target()).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/graph/demo/Main/v1.0",
                "/graph/demo/Main/v1.0/",
                "/graph/demo/Main/v1.0/me/",
                "/graph/demo/Main/v1.0/me/drive/root:/a%20b/c.txt:/content",
                "/graph/demo/Main/v1.0/me/drive/root:/archive.tar..gz:/content",
                "/graph/demo/Main/v1.0/me/drive/root:/100%25.txt:/content",
                "/graph/demo/Main/v1.0/teams('a')/channels('19:x')/messages/delta()",
                "/graph/demo/Main/v1.0/me/messages/AAMk=-_.~!$&'()*+,;:@/$value",
                "/graph/demo/Main/v1.0/users/ada@contoso.example?$select=id,mail&x={}|^`<>\"",
            })
    void whatGraphUsesIsAllowed(String uri) {
        assertThat(GraphAddress.parse(uri).target()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/graph/demo/Main/v1.0//me",
                "/graph/demo//Main/v1.0/me",
                "/graph//v1.0/me",
                "/graph/demo/Main/v1.0/me//",
                "/graph/demo/Main/v1.0/../beta/me",
                "/graph/demo/Main/v1.0/me/..",
                "/graph/demo/Main/v1.0/./me",
                "/graph/demo/Main/v1.0/%2e%2E/me",
                "/graph/demo/Main/v1.0/.%2e/me",
                "/graph/demo/Main/v1.0/..;x=1/me",
                "/graph/demo/Main/v1.0/me/drive/root:/a/..:/children",
                "/graph/demo/Main/v1.0/me%2fmessages",
                "/graph/demo/Main/v1.0/me%2Fmessages",
                "/graph/demo/Main/v1.0/me%5cmessages",
                "/graph/demo/Main/v1.0/me\\messages",
                "/graph/demo/Main/v1.0/me%252fmessages",
                "/graph/demo/Main/v1.0/%252e%252e/me",
                "/graph/demo/Main/v1.0/me%25255c",
                "/graph/demo/Main/v1.0/me%00",
                "/graph/demo/Main/v1.0/me%0d%0ax: y",
                "/graph/demo/Main/v1.0/me%zz",
                "/graph/demo/Main/v1.0/me%4",
                "/graph/demo/Main/v1.0/me%",
                "/graph/demo/Main/v1.0/m\u00e9",
                "/graph/demo/Main/v1.0/me#fragment",
                "/graph/demo/Main/v1.0/me?x=#fragment",
                "/graph/demo/Main/v1.0/me?x=\u00e9",
                "/graph/demo/Main/v1.0/me?x=\u0001",
                "/graph/demo/Main/v2.0/me",
                "/graph/demo/Main/V1.0/me",
                "/graph/demo/Main/v1.0beta/me",
                "/graph/demo/Main/%76%31.0/me",
                "/graph/demo/Main/me",
                "/graph/demo/Main/as/v1.0/me",
                "/graph/demo/Main/as/a%2fb/v1.0/me",
                "/graph/demo/Main/as//v1.0/me",
                "/graph/demo/Main/as/%20/v1.0/me",
                "/graph/demo/Main",
                "/graph/demo/Main/",
                "/graph/demo",
                "/graph/",
                "/graph/De_mo/Main/v1.0/me",
                "/graph/demo/Ma-in/v1.0/me",
                "/graph/demo/Main/capabilities/",
                "/graph/demo/Main/capabilities/x",
                "http://localhost:8083/graph/demo/Main/v1.0/me",
                "https://graph.microsoft.com/graph/demo/Main/v1.0/me",
            })
    void whatCouldBeReadOtherwiseIsRefused(String uri) {
        assertThat(GraphAddress.isMeant(uri)).isTrue();

        ProblemException refusal = catchThrowableOfType(ProblemException.class, () -> GraphAddress.parse(uri));

        assertThat(refusal.type()).isEqualTo(ProxyProblem.PATH_NOT_ALLOWED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/q/health", "/problems/not-assigned", "/graphs/x", "/Graph/demo", "/x/../graph/demo", "*"})
    void otherAddressesAreNotOurs(String uri) {
        assertThat(GraphAddress.isMeant(uri)).isFalse();
    }
}
