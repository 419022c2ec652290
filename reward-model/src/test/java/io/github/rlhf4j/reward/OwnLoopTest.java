package io.github.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import io.github.rlhf4j.testing.TinyModel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reward model by hand, with a ranking loss of ours or one's own: no stage, no run file, no injector. */
class OwnLoopTest {
    /** As one outside of this package would write it. */
    private static final RankingLoss HINGE = (scores, ranks, margin) -> {
        int better = ranks[0] < ranks[1] ? 0 : 1;
        double missing = Math.max(0, 1 - (scores[better] - scores[1 - better]));
        double[] dScores = new double[2];
        dScores[better] = missing > 0 ? -1 : 0;
        dScores[1 - better] = -dScores[better];
        return new RankingGradient(missing, dScores, 1);
    };

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void learnsWhichResponsesAreBetter(boolean ours) {
        List<TokenizedRanking> rankings = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int[][] responses = {{30 + i, 2}, {60 + i, 40, 2}};
            rankings.add(new TokenizedRanking(new int[] {10 + i, 20}, responses, new int[] {1, 2}, 0));
        }
        RankingObjective objective = new RankingObjective(ours ? new KWiseLoss(new BradleyTerry(0)) : HINGE);
        List<StepResult> steps = new ArrayList<>();
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = TinyModel.llama().head(Head.SCALAR).create(kernels);
                ModelTrainer trainer = new ModelTrainer(
                        model,
                        1e-2,
                        new LearningRateSchedule.Constant(),
                        TrainingConfig.builder().build().optimizer(0),
                        CounterRandom.of(7))) {
            for (int step = 1; step <= 30; step++) {
                steps.add(trainer.optimize(List.of(WeightedObjective.of(rankings, objective))));
            }
        }
        assertThat(steps.get(0).loss()).isCloseTo(ours ? Math.log(2) : 1, within(0.6));
        assertThat(steps.get(29).loss()).isLessThan(0.1);
        assertThat(steps.get(29).metrics().values().get("accuracy")).isEqualTo(1);
    }
}
