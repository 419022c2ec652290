package io.github.rlhf4j.grpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Advantages of two groups by hand: 1 and 3 with mean 2 and std sqrt 2, twice 5; of all four the std is sqrt((6.25 + 0.25 + 2.25 + 2.25) / 3). */
class ScaleRewardsTest {
    private static final List<double[]> GROUPS = List.of(new double[] {1, 3}, new double[] {5, 5});

    @Test
    void aGroupsRewardsAreStandardised() {
        List<double[]> advantages = ScaleRewards.GROUP.advantages(GROUPS);

        double one = 1 / (Math.sqrt(2) + 1e-4);
        assertThat(advantages.get(0)).containsExactly(new double[] {-one, one}, within(1e-12));
        assertThat(advantages.get(1)).containsExactly(0, 0);
        assertThat(ScaleRewards.GROUP.shareWithoutSpread(GROUPS)).isEqualTo(0.5);
    }

    @Test
    void orDividedByTheSpreadOfAll() {
        double one = 1 / (Math.sqrt(11 / 3.0) + 1e-4);

        assertThat(ScaleRewards.BATCH.advantages(GROUPS).get(0))
                .containsExactly(new double[] {-one, one}, within(1e-12));
        assertThat(ScaleRewards.BATCH.shareWithoutSpread(GROUPS)).isZero();
    }

    @Test
    void orByNothing() {
        assertThat(ScaleRewards.NONE.advantages(GROUPS).get(0)).containsExactly(-1, 1);
        assertThat(ScaleRewards.NONE.shareWithoutSpread(GROUPS)).isEqualTo(0.5);
    }
}
