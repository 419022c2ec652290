package io.github.rlhf4j.bestofn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.Rollout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChoosersTest {
    private static final double EXACT = 1e-12;
    private static final double NONE = Double.NaN;

    /** Three responses, scored by two rewards; the score is the first one. */
    private static Group group(double[] first, double[] second) {
        List<Rollout> responses = new ArrayList<>();
        for (int i = 0; i < first.length; i++) {
            RewardFunction.Answer answer = new RewardFunction.Answer("p", "r" + i, 1, true);
            responses.add(Rollout.sampled(new int[] {1}, new int[] {2}, answer, new double[] {-1})
                    .withScores(Map.of("first", first[i], "second", second[i]), first[i]));
        }
        return new Group(0, new Prompt(Content.of("p"), RowTags.NONE), responses);
    }

    private static double value(Choosers choosers, String name) {
        return choosers.means().getOrDefault(name, NONE);
    }

    @Test
    void eachRewardChoosesAlone() {
        Choosers choosers = new Choosers(3, List.of("first", "second"));
        choosers.add(group(new double[] {0.9, 0.5, 0.1}, new double[] {1, 2, 3}), new double[] {1, 0, 0});

        assertThat(value(choosers, "best_of_1/accuracy/second")).isCloseTo(1 / 3.0, within(EXACT));
        assertThat(value(choosers, "best_of_3/accuracy/first")).isEqualTo(1);
        assertThat(value(choosers, "best_of_3/accuracy/second")).isEqualTo(0);
        // k = 2 by the second: pairs {1,2} {1,3} {2,3} have 2, 3, 3 as their best, all wrong; by the first 1, 1, 2: two
        // of three right
        assertThat(value(choosers, "best_of_2/accuracy/second")).isEqualTo(0);
        assertThat(point(choosers, "second", 1)).containsEntry("n", 2);
        assertThat((double) requireNonNull(point(choosers, "second", 1).get("gain")))
                .isCloseTo(2 / 3.0, within(EXACT));
        assertThat((double) requireNonNull(point(choosers, "first", 1).get("gain")))
                .isZero();
    }

    @Test
    void aRewardChoosesAmongWhatItHasScored() {
        Choosers choosers = new Choosers(3, List.of("first", "second"));
        choosers.add(group(new double[] {1, 2, 3}, new double[] {1, NONE, 0}), new double[] {1, 0, 0});
        choosers.add(group(new double[] {1, 2, 3}, new double[] {NONE, NONE, NONE}), new double[] {0, 0, 1});

        assertThat(value(choosers, "best_of_3/accuracy/second")).isEqualTo(1);
        assertThat(point(choosers, "second", 2)).containsEntry("prompts", 1L);
        choosers.clear();
        choosers.add(group(new double[] {1, 2, 3}, new double[] {NONE, NONE, NONE}), new double[] {0, 0, 1});
        choosers.add(group(new double[] {1, 2, 3}, new double[] {NONE, NONE, NONE}), new double[] {0, 0, 1});
        assertThat(point(choosers, "second", 2))
                .containsOnlyKeys("n", "prompts")
                .containsEntry("prompts", 0L);
        assertThat(point(choosers, "first", 2)).containsEntry("prompts", 2L);
    }

    @Test
    void restoredTheyGoOnAsThoseThatWereSaved() {
        Choosers choosers = new Choosers(3, List.of("first", "second"));
        choosers.add(group(new double[] {0.9, 0.5, 0.1}, new double[] {1, 2, 3}), new double[] {1, 0, 0});
        ObjectNode state = new ObjectMapper().createObjectNode();
        choosers.save(state);
        Choosers restored = new Choosers(3, List.of("first", "second"));
        restored.restore(state);
        for (Choosers each : List.of(choosers, restored)) {
            each.add(group(new double[] {0.2, 0.5, 0.1}, new double[] {3, 2, 3}), new double[] {0, 1, 0});
        }

        assertThat(restored.points()).isEqualTo(choosers.points());
        choosers.clear();
        assertThat(point(choosers, "first", 0)).containsEntry("prompts", 0L);
    }

    private static Map<String, Object> point(Choosers choosers, String name, int index) {
        return requireNonNull(choosers.points().get(name)).get(index);
    }
}
