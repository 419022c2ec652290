package io.github.rlhf4j.bestofn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CurveTest {
    private static final double EXACT = 1e-12;

    @Test
    void theBestOfKIsTheMeanOverAllChoicesOfK() {
        double[] rewards = {3, 1, 2, 7};
        // k = 2: pairs {3,1} {3,2} {3,7} {1,2} {1,7} {2,7} have 3, 3, 7, 2, 7, 7 as their best
        assertThat(Curve.ofBest(rewards, rewards, 1)).isCloseTo(13.0 / 4, within(EXACT));
        assertThat(Curve.ofBest(rewards, rewards, 2)).isCloseTo(29.0 / 6, within(EXACT));
        assertThat(Curve.ofBest(rewards, rewards, 3)).isCloseTo((3 + 7 + 7 + 7) / 4.0, within(EXACT));
        assertThat(Curve.ofBest(rewards, rewards, 4)).isCloseTo(7, within(EXACT));
    }

    @Test
    void ofARewardOfOneOrNothingItIsPassAtK() {
        double[] rewards = {0, 1, 0, 0, 1}; // n = 5, c = 2: pass@2 = 1 - C(3, 2) / C(5, 2)
        assertThat(Curve.ofBest(rewards, rewards, 2)).isCloseTo(1 - 3.0 / 10, within(EXACT));
    }

    @Test
    void equalRewardsAreTheBestEquallyOften() {
        double[] rewards = {1, 1, 0};
        double[] right = {1, 0, 1};
        // k = 3: the best is one of the first two; k = 2: {0,1} half right, {0,2} right, {1,2} wrong
        assertThat(Curve.ofBest(rewards, right, 3)).isCloseTo(0.5, within(EXACT));
        assertThat(Curve.ofBest(rewards, right, 2)).isCloseTo(1.5 / 3, within(EXACT));
    }

    @Test
    void pointsAreAtPowersOfTwoAndAtTheEnd() {
        assertThat(Curve.ks(2)).containsExactly(1, 2);
        assertThat(Curve.ks(8)).containsExactly(1, 2, 4, 8);
        assertThat(Curve.ks(12)).containsExactly(1, 2, 4, 8, 12);
    }

    @Test
    void aRestoredCurveGoesOnAsTheOneThatWasSaved() {
        Curve curve = new Curve(3);
        curve.add(new double[] {0.1, 0.7, 0.3}, new double[] {1, 0, 0});
        ObjectNode state = new ObjectMapper().createObjectNode();
        curve.save(state);
        Curve restored = new Curve(3);
        restored.restore(state);
        for (Curve each : new Curve[] {curve, restored}) {
            each.add(new double[] {0.2, 0.2, 0.9}, new double[] {0, 1, 1});
        }

        assertThat(restored.points()).isEqualTo(curve.points());
        assertThat(curve.points().get(2).get("prompts")).isEqualTo(2L);
        assertThat(curve.means().get("best_of_3/reward")).isCloseTo(0.8, within(EXACT));
        assertThat((Double) Objects.requireNonNull(curve.points().get(2).get("reward_se")))
                .isCloseTo(0.1, within(EXACT));
    }
}
