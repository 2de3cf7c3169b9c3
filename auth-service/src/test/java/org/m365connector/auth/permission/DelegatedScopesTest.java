package org.m365connector.auth.permission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DelegatedScopesTest {

    @Test
    void aLoginAsksForWhatTheFeaturesNeedAndNoMore() {
        assertThat(DelegatedScopes.of(List.of(Feature.TEAMS_SEND)))
                .isEqualTo("User.Read email offline_access openid profile ChannelMessage.Send");
    }

    @Test
    void readingIsNotAskedForBesideWriting() {
        assertThat(DelegatedScopes.of(List.of(Feature.MAIL_READ)).split(" ")).contains("Mail.Read");
        assertThat(DelegatedScopes.of(List.of(Feature.MAIL_READ, Feature.MAIL_SEND))
                        .split(" "))
                .contains("Mail.ReadWrite", "Mail.Send", "User.Read")
                .doesNotContain("Mail.Read");
    }

    @Test
    void everyFeatureIsFoundByItsSlug() {
        assertThat(Feature.slugs())
                .allSatisfy(slug -> assertThat(Feature.ofSlug(slug)).isPresent());
        assertThat(Feature.ofSlug("MAIL_READ")).isEmpty();
    }
}
