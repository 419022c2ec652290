package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.train.Examples;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class StepsConfigTest {
    private static final Examples<Long> EXAMPLES = Examples.of(50, index -> index);

    @Test
    void theOrderIsThatOfTheDataSeedWhateverTheStagesSeed() {
        assertThat(order(OptionalLong.of(7), 1)).isEqualTo(order(OptionalLong.of(7), 2));
        assertThat(order(OptionalLong.of(7), 1)).isNotEqualTo(order(OptionalLong.of(8), 1));
        assertThat(order(OptionalLong.empty(), 1)).isNotEqualTo(order(OptionalLong.empty(), 2));
    }

    @Test
    void theStagesOwnSeedAsDataSeedChangesNothing() {
        assertThat(order(OptionalLong.of(3), 9)).isEqualTo(order(OptionalLong.empty(), 3));
    }

    @Test
    void aDataSeedWithoutShufflingIsRefused() {
        assertThatThrownBy(() -> new StepsConfig(4, 1, 1, false, OptionalLong.of(3)))
                .hasMessage("data_seed does nothing with shuffle: false, so must be left out, but is 3");
    }

    private static List<Long> order(OptionalLong dataSeed, long stageSeed) {
        StepsConfig config = new StepsConfig(50, 1, 1, true, dataSeed);
        return config.order(EXAMPLES, CounterRandom.of(stageSeed)).batch(1);
    }
}
