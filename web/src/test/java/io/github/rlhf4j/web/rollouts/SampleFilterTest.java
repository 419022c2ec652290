package io.github.rlhf4j.web.rollouts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SampleFilterTest {
    @Test
    void aColumnASignAndANumber() {
        assertThat(SampleFilter.of("score >= 0.5")).isEqualTo(new SampleFilter("score", ">=", 0.5));
        assertThat(SampleFilter.of(" a b!=-1 ")).isEqualTo(new SampleFilter("a b", "!=", -1));
        assertThat(SampleFilter.of("ended=true")).isEqualTo(new SampleFilter("ended", "=", 1));
    }

    @Test
    @Timeout(10)
    void anotherFormIsRefusedAtOnceHoweverLongItIs() {
        for (String wrong : new String[] {"", "score", "> 1", "score > ", "score > x", " ".repeat(30_000) + "a"}) {
            assertThatThrownBy(() -> SampleFilter.of(wrong)).isInstanceOf(UserError.class);
        }
        assertThatThrownBy(() -> SampleFilter.of("a <".repeat(10_000))).isInstanceOf(UserError.class);
    }
}
