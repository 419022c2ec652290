package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.model.FeedForwardConfig;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTrainerTest {
    private static final int VOCABULARY = 31;

    private static final ModelConfig CONFIG = ModelConfig.llama(VOCABULARY, 16, 24, 2, 2, 1, 64, true);

    private final Kernels kernels = new CpuKernels(2);
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : open) {
            closeable.close();
        }
    }

    @Test
    void cuttingAStepIntoMicroBatchesChangesNothing() {
        StepResult whole = trainer(10_000).optimize(List.of(WeightedObjective.of(examples(8), new NextTokenLoss(2))));
        StepResult cut = trainer(16).optimize(List.of(WeightedObjective.of(examples(8), new NextTokenLoss(2))));

        assertThat(cut.loss()).isCloseTo(whole.loss(), within(1e-6));
        assertThat(cut.gradientNorm()).isCloseTo(whole.gradientNorm(), within(1e-6));
        assertThat(cut.tokens()).isEqualTo(whole.tokens());
    }

    @Test
    void anObjectiveOfTwoPassesGetsTheGradientOfOnePass() {
        StepResult onePass = trainer(16).optimize(List.of(WeightedObjective.of(examples(8), new NextTokenLoss(2))));
        StepResult twoPasses = trainer(16).optimize(List.of(WeightedObjective.of(examples(8), new WholeBatch())));

        assertThat(twoPasses.loss()).isCloseTo(onePass.loss(), within(1e-6));
        assertThat(twoPasses.gradientNorm()).isCloseTo(onePass.gradientNorm(), within(1e-6));
    }

    @Test
    void replicasGiveTheSameBytesWithAnyNumberOfThreads() {
        double[] one = trained(1);
        assertThat(trained(2)).containsExactly(one);
        assertThat(trained(3)).containsExactly(one);
    }

    private static double[] trained(int threads) {
        OptimizerSettings settings = new OptimizerSettings(0.9, 0.999, 1e-8, 0, 1, 40, false, 0.1);
        try (CpuKernels kernels = new CpuKernels(threads);
                Transformer model = Transformer.create(CONFIG, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(5));
                ModelTrainer trainer = new ModelTrainer(
                        model, 1e-2, new LearningRateSchedule.Constant(), settings, CounterRandom.of(1))) {
            for (int step = 0; step < 3; step++) {
                trainer.optimize(List.of(
                        WeightedObjective.of(examples(16), new NextTokenLoss(2)),
                        WeightedObjective.of(examples(1), new NextTokenLoss(2)),
                        WeightedObjective.of(examples(16), new WholeBatch())));
            }
            return model.embedding().toArray();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 3}) // on two processors: shared out evenly, and but for the last
    void replicasGiveTheGradientOfOnePass(int count) {
        List<List<TokenSequence>> examples = examples(count);
        List<TokenSequence> all = examples.stream().flatMap(List::stream).toList();

        StepResult replicas = trainer(10_000).optimize(List.of(WeightedObjective.of(examples, new NextTokenLoss(2))));
        StepResult onePass =
                trainer(10_000).optimize(List.of(WeightedObjective.of(List.of(all), new NextTokenLoss(2))));

        assertThat(replicas.loss()).isCloseTo(onePass.loss(), within(1e-6));
        assertThat(replicas.gradientNorm()).isCloseTo(onePass.gradientNorm(), within(1e-6));
        assertThat(replicas.metrics().values().keySet())
                .isEqualTo(onePass.metrics().values().keySet());
    }

    @Test
    void theLastStepOfAnEpochTakesHardlyMoreMemory() { // on two processors none
        int replicas = Runtime.getRuntime().availableProcessors();
        List<List<TokenSequence>> examples =
                Collections.nCopies(4 * replicas, examples(16).get(15));
        ModelTrainer trainer = trainer(10_000);
        trainer.optimize(List.of(WeightedObjective.of(examples, new NextTokenLoss(2))));
        long bytes = trainer.model().activationBytes();

        for (int rest = 1; rest < examples.size(); rest++) {
            trainer.optimize(List.of(WeightedObjective.of(examples.subList(0, rest), new NextTokenLoss(2))));
        }

        assertThat(trainer.model().activationBytes()).isLessThan(bytes + bytes / 4);
    }

    @Test
    void scoresComeBackInTheOrderOfTheGroups() {
        Transformer model = trainer(10_000).model();
        List<List<TokenSequence>> groups = examples(16);
        BatchScorer scorer = new BatchScorer(model, 10_000);

        List<List<BatchScorer.Scored>> together = scorer.score(groups, 1);

        for (int i = 0; i < groups.size(); i++) {
            BatchScorer.Scored alone =
                    scorer.score(List.of(groups.get(i)), 1).get(0).get(0);
            assertThat(together.get(i).get(0).logProbs()).containsExactly(alone.logProbs(), within(1e-5));
        }
    }

    @Test
    void termsAddUpWithTheirWeights() {
        List<List<TokenSequence>> examples = examples(4);
        StepResult single = trainer(64).optimize(List.of(WeightedObjective.of(examples, new NextTokenLoss(2))));
        StepResult halves = trainer(64)
                .optimize(List.of(
                        new WeightedObjective<>(examples, new NextTokenLoss(2), 0.25),
                        new WeightedObjective<>(examples, new NextTokenLoss(2), 0.75)));

        assertThat(halves.loss()).isCloseTo(single.loss(), within(1e-6));
        assertThat(halves.gradientNorm()).isCloseTo(single.gradientNorm(), within(1e-6));
    }

    @Test
    void leavesTheModelAloneWhereAStepIsNotAccepted() {
        ModelTrainer trainer = trainer(64);
        double[] before = embedding(trainer);

        trainer.optimize(List.of(WeightedObjective.of(examples(4), new NextTokenLoss(2))), 1e-2, metrics -> false);

        assertThat(embedding(trainer)).containsExactly(before);
        assertThat(trainer.steps()).isZero();
    }

    @Test
    void aStepLowersTheLoss() {
        ModelTrainer trainer = trainer(64);
        double first = trainer.optimize(List.of(WeightedObjective.of(examples(4), new NextTokenLoss(2))))
                .loss();
        for (int step = 0; step < 20; step++) {
            trainer.optimize(List.of(WeightedObjective.of(examples(4), new NextTokenLoss(2))));
        }
        double last = trainer.optimize(List.of(WeightedObjective.of(examples(4), new NextTokenLoss(2))))
                .loss();

        assertThat(last).isLessThan(0.7 * first);
    }

    @Test
    void addsTheRoutersLossOfTheStepsMicroBatches() {
        List<StepResult> results = new ArrayList<>();
        for (double coefficient : new double[] {0, 0.5}) {
            results.add(trainer(experts(coefficient), 16)
                    .optimize(List.of(WeightedObjective.of(examples(5), new NextTokenLoss(2)))));
        }
        double auxiliary = results.get(1).metrics().values().getOrDefault("aux_loss", 0.0);
        assertThat(auxiliary).isBetween(1.9, 4.0); // k = 2 where all experts are alike, E = 4 where two take all
        assertThat(results.get(1).loss()).isCloseTo(results.get(0).loss() + 0.5 * auxiliary, within(1e-6));
        assertThat(results.get(0).metrics().values()).doesNotContainKey("aux_loss");
    }

    private static ModelConfig experts(double routerLoss) {
        return new ModelConfig(
                Family.MIXTRAL,
                VOCABULARY,
                16,
                2,
                64,
                CONFIG.norm(),
                CONFIG.positions(),
                CONFIG.attention(),
                FeedForwardConfig.experts(12, 4, 2, routerLoss),
                true,
                0.3);
    }

    @Test
    void theUseOfExpertsIsThatOfAllMicroBatches() {
        List<Map<String, Double>> metrics = new ArrayList<>();
        for (int rows : new int[] {10_000, 16}) {
            metrics.add(trainer(experts(0.5), rows)
                    .optimize(List.of(WeightedObjective.of(examples(8), new NextTokenLoss(2))))
                    .metrics()
                    .values());
        }
        Map<String, Double> whole = metrics.get(0);
        assertThat(whole.getOrDefault("expert_share_max", 0.0)).isBetween(0.25, 0.5); // two of four: at most a half
        assertThat(whole.getOrDefault("expert_share_min", 1.0)).isBetween(0.0, 0.25);
        assertThat(whole.getOrDefault("router_entropy", 0.0)).isBetween(0.1, Math.log(4));
        for (String name : List.of("expert_share_max", "expert_share_min", "router_entropy")) {
            assertThat(metrics.get(1).getOrDefault(name, 0.0)).isCloseTo(whole.getOrDefault(name, 1.0), within(1e-6));
        }
    }

    @Test
    void anExpertsLayerThatIsComputedAgainCountsOnce() {
        List<Map<String, Double>> metrics = new ArrayList<>();
        for (boolean checkpointing : new boolean[] {false, true}) {
            ModelTrainer trainer = trainer(experts(0), 10_000);
            trainer.model().useGradientCheckpointing(checkpointing);
            metrics.add(trainer.optimize(List.of(WeightedObjective.of(examples(8), new NextTokenLoss(2))))
                    .metrics()
                    .values());
        }
        assertThat(metrics.get(1)).isEqualTo(metrics.get(0)).containsKey("router_entropy");
    }

    @Test
    void measuringNoiseChangesNoUpdate() {
        ModelTrainer plain = trainer(64);
        ModelTrainer measured = trainer(64);
        measured.measureNoise(2);
        List<Boolean> had = new ArrayList<>();
        for (int step = 0; step < 4; step++) {
            plain.optimize(List.of(WeightedObjective.of(examples(9), new NextTokenLoss(2))));
            had.add(measured.optimize(List.of(WeightedObjective.of(examples(9), new NextTokenLoss(2))))
                    .metrics()
                    .values()
                    .containsKey("gradient_noise"));
        }
        assertThat(had).containsExactly(true, false, true, false);
        assertThat(embedding(measured)).containsExactly(embedding(plain));
    }

    @Test
    void examplesThatAreAlikeHaveNoNoise() {
        ModelTrainer trainer = trainer(10_000);
        trainer.measureNoise(1);
        List<List<TokenSequence>> alike = Collections.nCopies(6, examples(4).get(3));

        StepResult result = trainer.optimize(List.of(WeightedObjective.of(alike, new NextTokenLoss(2))));

        double squared = result.gradientNorm() * result.gradientNorm();
        Map<String, Double> metrics = result.metrics().values();
        assertThat(metrics.getOrDefault("gradient_signal", 0.0)).isCloseTo(squared, within(1e-4 * squared));
        assertThat(metrics.getOrDefault("gradient_noise", 1.0)).isCloseTo(0, within(1e-4 * squared));
    }

    /** The same loss, said to need the whole batch at once. */
    private static final class WholeBatch implements Objective<List<TokenSequence>> {
        private final NextTokenLoss loss = new NextTokenLoss(2);

        @Override
        public List<TokenSequence> layout(List<TokenSequence> example) {
            return loss.layout(example);
        }

        @Override
        public Set<Column> statistics() {
            return loss.statistics();
        }

        @Override
        public boolean separable() {
            return false;
        }

        @Override
        public void evaluate(ObjectiveBatch<List<TokenSequence>> batch) {
            assertThat(batch.examples()).hasSameSizeAs(batch.stepExamples());
            loss.evaluate(batch);
        }
    }

    private ModelTrainer trainer(int microBatchTokens) {
        return trainer(CONFIG, microBatchTokens);
    }

    private ModelTrainer trainer(ModelConfig config, int microBatchTokens) {
        Transformer model = Transformer.create(config, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(5));
        OptimizerSettings settings = new OptimizerSettings(0.9, 0.999, 1e-8, 0, 1, microBatchTokens, false, 0);
        ModelTrainer trainer =
                new ModelTrainer(model, 1e-2, new LearningRateSchedule.Constant(), settings, CounterRandom.of(1));
        open.add(trainer);
        open.add(model);
        return trainer;
    }

    private static double[] embedding(ModelTrainer trainer) {
        return trainer.model().embedding().toArray();
    }

    static List<List<TokenSequence>> examples(int count) {
        CounterRandom random = CounterRandom.of(3);
        List<List<TokenSequence>> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] ids = new int[5 + i];
            for (int t = 0; t < ids.length; t++) {
                ids[t] = random.derive(i).below(t, VOCABULARY);
            }
            ids[ids.length - 1] = 2;
            examples.add(List.of(TokenSequence.completion(ids, 2)));
        }
        return examples;
    }
}
