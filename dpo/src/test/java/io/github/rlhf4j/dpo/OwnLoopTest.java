package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import io.github.rlhf4j.datasets.tokens.TokenizedUnpaired;
import io.github.rlhf4j.testing.TinyModel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The objectives by hand: tokens, reference log-probs, objective, trainer; no stage, no run file, no injector. */
class OwnLoopTest {
    private final OptimizerSettings settings = TrainingConfig.builder().build().optimizer(0);
    private CpuKernels kernels;
    private Transformer policy;

    @BeforeEach
    void open() {
        kernels = new CpuKernels(1);
        policy = TinyModel.llama().create(kernels);
    }

    @AfterEach
    void close() {
        policy.close();
        kernels.close();
    }

    @Test
    void dpo() {
        List<TokenizedPair> pairs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            pairs.add(new TokenizedPair(new int[] {10 + i, 20}, new int[] {30 + i, 2}, new int[] {50, 60 + i, 2}));
        }
        List<WithRefLogProbs<TokenizedPair>> rows =
                ResponseLogProbs.of(policy, settings).score(pairs, ResponseLayout::pair);
        PreferenceObjective objective = new PreferenceObjective(new SigmoidLoss(0.1), 0.1);

        List<StepResult> steps = train(() -> WeightedObjective.of(rows, objective));

        assertThat(steps.get(0).loss()).isCloseTo(Math.log(2), within(1e-6));
        assertThat(steps.get(29).loss()).isLessThan(0.5);
        assertThat(steps.get(29).metrics().values().get("rewards/accuracies")).isEqualTo(1);
    }

    @Test
    void plackettLuce() {
        List<TokenizedRanking> rankings = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int[][] responses = {{30 + i, 2}, {50 + i, 2}, {70 + i, 2}};
            rankings.add(new TokenizedRanking(new int[] {10 + i, 20}, responses, new int[] {2, 1, 3}, 0));
        }
        List<WithRefLogProbs<TokenizedRanking>> rows =
                ResponseLogProbs.of(policy, settings).score(rankings, ResponseLayout::ranking);
        PlackettLuceObjective objective = new PlackettLuceObjective(0.1);

        List<StepResult> steps = train(() -> WeightedObjective.of(rows, objective));

        assertThat(steps.get(0).loss()).isCloseTo(Math.log(6), within(1e-6)); // 3!
        assertThat(steps.get(29).loss()).isLessThan(1.3);
    }

    @Test
    void kto() {
        List<TokenizedUnpaired> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            answers.add(new TokenizedUnpaired(new int[] {10 + i, 20}, new int[] {30 + i, 2}, i % 2 == 0));
        }
        ResponseLogProbs now = ResponseLogProbs.of(policy, settings);
        List<WithRefLogProbs<KtoTokens>> rows = now.score(KtoTokens.ofBatch(answers), KtoTokens::both);
        KtoLoss loss = new KtoLoss(0.1, 1, 1);

        List<StepResult> steps = train(() -> WeightedObjective.of(rows, KtoObjective.of(loss, 0.1, rows, now)));

        assertThat(steps.get(0).loss()).isCloseTo(0.5, within(1e-6));
        assertThat(steps.get(29).loss()).isLessThan(0.45);
    }

    private interface Terms {
        WeightedObjective<?> next();
    }

    private List<StepResult> train(Terms terms) {
        List<StepResult> steps = new ArrayList<>();
        LearningRateSchedule constant = new LearningRateSchedule.Constant();
        try (ModelTrainer trainer = new ModelTrainer(policy, 5e-3, constant, settings, CounterRandom.of(7))) {
            for (int step = 1; step <= 30; step++) {
                steps.add(trainer.optimize(List.of(terms.next())));
            }
        }
        return steps;
    }
}
