package org.m365connector.graphproxy.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateTest {

    @Test
    void soManyInEachSecondAndNotMore() {
        Rate rate = new Rate(3);
        assertThat(IntStream.range(0, 10).filter(i -> rate.allows(5_000 + i)).count())
                .isEqualTo(3);
        assertThat(rate.allows(5_999)).isFalse();
        assertThat(rate.allows(6_000)).isTrue();
    }
}
