package org.m365connector.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.m365connector.events.PortalId;

class AccessKeysTest {

    private static final String ADMIN = "admin-key-of-the-test";
    private static final String FIRST = "first-service-key-of-the-test";
    private static final String SECOND = "second-service-key-of-the-test";
    private static final String PORTAL = "portal-key-of-the-test";
    private static final PortalId DEMO = new PortalId("demo");

    private record Config(String adminKey, List<String> serviceKeys) implements AccessConfig {}

    private final AccessKeys keys = new AccessKeys(
            new Config(ADMIN, List.of(FIRST, SECOND)),
            hash -> hash.equals(KeyHash.of(PORTAL)) ? Optional.of(DEMO) : Optional.empty());

    @Test
    void everyKeyIsKnownByItsOwner() {
        assertThat(keys.caller("Bearer " + ADMIN, null)).isEqualTo(new Caller.Admin());
        assertThat(keys.caller(null, FIRST)).isEqualTo(new Caller.Service());
        assertThat(keys.caller("bearer " + SECOND, null)).isEqualTo(new Caller.Service());
        assertThat(keys.caller(null, PORTAL)).isEqualTo(new Caller.Portal(DEMO));
    }

    @Test
    void noKeyAndAWrongKeyBelongToNobody() {
        assertThat(keys.caller(null, null)).isEqualTo(new Caller.Nobody());
        assertThat(keys.caller("Basic abc", null)).isEqualTo(new Caller.Nobody());
        assertThat(keys.caller("Bearer ", null)).isEqualTo(new Caller.Nobody());
        assertThat(keys.caller("Bearer " + ADMIN + "x", null)).isEqualTo(new Caller.Nobody());
    }

    @Test
    void aWrongBearerKeyIsNotRescuedByARightApiKey() {
        assertThat(keys.caller("Bearer wrong", PORTAL)).isEqualTo(new Caller.Nobody());
    }

    @Test
    void aPortalActsForItselfOnly() {
        assertThat(new Caller.Portal(DEMO).mayActFor(DEMO)).isTrue();
        assertThat(new Caller.Portal(DEMO).mayActFor(new PortalId("other"))).isFalse();
        assertThat(new Caller.Admin().mayActFor(DEMO)).isTrue();
        assertThat(new Caller.Service().mayActFor(DEMO)).isFalse();
        assertThat(new Caller.Nobody().mayActFor(DEMO)).isFalse();
    }

    @Test
    void shortKeysFailTheStart() {
        assertThatThrownBy(() -> new AccessKeys(new Config("short", List.of(FIRST)), hash -> Optional.empty()))
                .hasMessageContaining("m365.admin-key")
                .hasMessageNotContaining("short ");
        assertThatThrownBy(() -> new AccessKeys(new Config(ADMIN, List.of()), hash -> Optional.empty()))
                .hasMessageContaining("m365.service-keys");
    }
}
