package org.m365connector.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EntitlementTest {

    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("2027-01-01T00:00:00Z");

    @Test
    void itBeginsInItsFirstMomentAndHasEndedInTheMomentOfItsEnd() {
        Entitlement entitlement = during(Optional.of(BEGIN), Optional.of(END));

        assertThat(entitlement.isValid(BEGIN.minusNanos(1))).isFalse();
        assertThat(entitlement.isValid(BEGIN)).isTrue();
        assertThat(entitlement.isValid(END.minusNanos(1))).isTrue();
        assertThat(entitlement.isValid(END)).isFalse();
        assertThat(entitlement.isOver(END.minusNanos(1))).isFalse();
        assertThat(entitlement.isOver(END)).isTrue();
        assertThat(entitlement.isOver(BEGIN.minusNanos(1))).isFalse();
    }

    @Test
    void withoutAnEdgeItGoesOnForEver() {
        assertThat(during(Optional.empty(), Optional.of(END)).isValid(Instant.MIN))
                .isTrue();
        assertThat(during(Optional.of(BEGIN), Optional.empty()).isValid(Instant.MAX))
                .isTrue();
        assertThat(Entitlement.UNLIMITED.allows("anything", Instant.MAX)).isTrue();
    }

    @Test
    void aFeatureIsAllowedWhereItIsIncludedAndTheTimeIsRight() {
        Entitlement mail = new Entitlement(
                Optional.of(BEGIN), Optional.of(END), Optional.of(Set.of("mail-send")), Optional.empty());

        assertThat(mail.allows("mail-send", BEGIN)).isTrue();
        assertThat(mail.allows("mail-send", END)).isFalse();
        assertThat(mail.allows("teams-send", BEGIN)).isFalse();
        assertThat(mail.lacking(List.of("teams-send", "mail-send", "files"))).containsExactly("teams-send", "files");
        assertThat(during(Optional.empty(), Optional.empty()).lacking(List.of("teams-send")))
                .isEmpty();
    }

    @Test
    void anEmptyListOfFeaturesIncludesNone() {
        Entitlement nothing =
                new Entitlement(Optional.empty(), Optional.empty(), Optional.of(Set.of()), Optional.empty());

        assertThat(nothing.isValid(BEGIN)).isTrue();
        assertThat(nothing.allows("mail-send", BEGIN)).isFalse();
    }

    @Test
    void theLastSeatIsTakenAndNoFurther() {
        Entitlement two = new Entitlement(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(2));

        assertThat(two.hasRoomFor(1)).isTrue();
        assertThat(two.hasRoomFor(2)).isFalse();
        assertThat(Entitlement.UNLIMITED.hasRoomFor(Long.MAX_VALUE)).isTrue();
    }

    @Test
    void whatNobodyCanMeanIsRefused() {
        assertThatThrownBy(() -> during(Optional.of(END), Optional.of(BEGIN)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> during(Optional.of(END), Optional.of(END)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Entitlement(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRecordFromBeforeThereWereEntitlementsIsUnlimited() throws JsonProcessingException {
        PortalRecord old = EventCodec.json()
                .readValue(
                        "{\"portalId\":\"demo\",\"version\":3,\"name\":\"Demo\",\"language\":\"de\",\"origins\":[],"
                                + "\"keyHashes\":[],\"state\":\"active\"}",
                        PortalRecord.class);

        assertThat(old.entitlement()).isEmpty();
        assertThat(old.entitled().allows("teams-send", Instant.MAX)).isTrue();
    }

    private static Entitlement during(Optional<Instant> from, Optional<Instant> until) {
        return new Entitlement(from, until, Optional.empty(), Optional.empty());
    }
}
