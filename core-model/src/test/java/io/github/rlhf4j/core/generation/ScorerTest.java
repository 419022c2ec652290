package io.github.rlhf4j.core.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class ScorerTest {
    private static final CpuKernels KERNELS = new CpuKernels(1);
    private static final Transformer MODEL = SampledModels.create(KERNELS);
    private static final LetterTokenizer LETTERS = new LetterTokenizer();

    @AfterAll
    static void close() {
        MODEL.close();
        KERNELS.close();
    }

    private static List<Scorer.Scored> score(Transformer model, int batchTokens, int[]... sequences) {
        List<Scorer.Sequence> given = new ArrayList<>();
        for (int[] ids : sequences) {
            given.add(new Scorer.Sequence("sequence " + (given.size() + 1), ids));
        }
        List<Scorer.Scored> scored = new ArrayList<>();
        new Scorer(model, batchTokens).score(given.iterator(), scored::add);
        return scored;
    }

    @Test
    void scoresInOrderWhateverTheBatches() {
        int[][] sequences = {{5, 6, 7}, {1, 3, 4}, {1, 3, 4, 5, 2}, {9}};
        List<Scorer.Scored> scored = score(MODEL, 1000, sequences);
        List<Scorer.Scored> apart = score(MODEL, 1, sequences);
        for (int i = 0; i < sequences.length; i++) {
            int[] rest = Arrays.copyOfRange(sequences[i], 1, sequences[i].length);
            double[] expected =
                    rest.length == 0 ? rest0() : SampledModels.logProbs(MODEL, new int[] {sequences[i][0]}, rest, 1);
            assertThat(scored.get(i).ids()).isEqualTo(sequences[i]);
            assertThat(scored.get(i).logProbs()).containsExactly(expected, within(1e-5));
            assertThat(scored.get(i).logProbs()).containsExactly(apart.get(i).logProbs(), within(1e-5));
            assertThat(scored.get(i).sumLogProb())
                    .isCloseTo(Arrays.stream(expected).sum(), within(1e-4));
        }
    }

    private static double[] rest0() {
        return new double[0];
    }

    @Test
    void scoresWithTheScalarHeadOfARewardModel() {
        ModelConfig config = ModelConfig.llama(40, 16, 24, 2, 2, 1, 64, false);
        try (Transformer reward = Transformer.create(config, EnumSet.of(Head.SCALAR), KERNELS, CounterRandom.of(3))) {
            List<Scorer.Scored> scored = score(reward, 100, new int[] {5, 6, 7}, new int[] {1, 3, 4});
            assertThat(scored.get(0).logProbs()).isEmpty();
            assertThat(scored.get(0).score())
                    .isFinite()
                    .isNotEqualTo(scored.get(1).score());
            assertThat(new Scorer(reward).score(new int[] {5, 6, 7}).score())
                    .isCloseTo(scored.get(0).score(), within(1e-5));
        }
    }

    @Test
    void namesTheSequenceThatCannotBeScored() {
        for (int[] wrong : List.of(new int[] {5, 99}, new int[SampledModels.CONTEXT + 1])) {
            assertThatThrownBy(() -> score(MODEL, 100, new int[] {5, 6, 7}, wrong))
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith("sequence 2");
        }
    }

    @Test
    void aPromptWithACompletionIsOneTextWithOneEndToken() {
        ScoringTokens tokens = new ScoringTokens(LETTERS);
        assertThat(tokens.text("ab")).containsExactly(1, 3, 4);
        assertThat(tokens.joint("ab", "c")).containsExactly(1, 3, 4, 5, 2);
        assertThat(tokens.joint("ab", "c</s>")).containsExactly(1, 3, 4, 5, 2);
    }
}
