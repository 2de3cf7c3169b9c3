package org.m365connector.graphproxy.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.m365connector.capability.Operation;

class TemplatesTest {

    private static String of(String method, String path) {
        Operation operation = Operation.of(method, path);
        return Templates.of(operation.method(), operation.segments());
    }

    @Test
    void idsAreNotTold() {
        assertThat(of("GET", "/v1.0/users/ada@contoso.example/messages/AAMkAGI=/attachments"))
                .isEqualTo("GET /users/{id}/messages/{id}/attachments");
        assertThat(of("POST", "/v1.0/teams('5d1c')/channels/19%3aX%40thread.tacv2/messages"))
                .isEqualTo("POST /teams/{id}/channels/{id}/messages");
        assertThat(of("GET", "/v1.0/drives/d/root:/secret/salaries.xlsx:/content"))
                .isEqualTo("GET /drives/{id}/{id}/{id}/{id}/content");
    }

    @Test
    void nothingThatSomebodyMakesUpGetsThrough() {
        assertThat(of("GET", "/v1.0/a/b/c/d/e/f/g/h/i/j")).isEqualTo("GET /{id}/{id}/{id}/{id}/{id}/{id}/{id}/{id}/…");
        assertThat(of("BREW", "/v1.0/me")).isEqualTo("OTHER /me");
    }
}
