package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StageLoopTest {
    private static final Examples<Long> ROWS = Examples.of(10, index -> index);
    private static final NextTokenLoss LOSS = new NextTokenLoss(1);

    private final Kernels kernels = new CpuKernels(1);

    @TempDir
    private Path folder;

    private StageRun run(String name) {
        return StageRun.builder(folder.resolve(name), kernels)
                .seed(7)
                .nanoTime(() -> 0)
                .build();
    }

    private static TrainingConfigBuilder training() {
        return TrainingConfig.builder()
                .learningRate(1e-2)
                .lrSchedulerType("constant")
                .batchSize(4)
                .maxSteps(5)
                .loggingSteps(1);
    }

    private static StepResult result(double loss) {
        return new StepResult(loss, 1, 0.1, 1, new StepMetrics());
    }

    @Test
    void stepsFollowTheConfigsOrder() {
        List<Long> seen = new ArrayList<>();
        try (StageRun run = run("stage")) {
            TrainingConfig training = training().maxSteps(0).numTrainEpochs(2).build();
            StageLoop<Long> loop = StageLoop.of(run, training, ROWS);
            assertThat(loop.steps()).isEqualTo(6);
            assertThat(loop.used()).containsExactly(LongStream.range(0, 10).toArray());
            List<Long> first = loop.batch(1);
            assertThat(first).hasSize(4);
            assertThat(training.order(ROWS, run.random()).batch(1)).isEqualTo(first);
            loop.run((step, batch) -> {
                assertThat(batch).isEqualTo(loop.batch(step));
                seen.addAll(batch);
                return result(1);
            });
        }

        assertThat(seen.subList(0, 10)).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        assertThat(seen.subList(10, 20)).containsExactlyInAnyOrderElementsOf(seen.subList(0, 10));
        assertThat(seen.subList(10, 20)).isNotEqualTo(seen.subList(0, 10));
    }

    @Test
    void aShortRunUsesTheRowsOfItsSteps() {
        try (StageRun run = run("stage")) {
            StageLoop<Long> loop = StageLoop.of(run, training().maxSteps(1).build(), ROWS);

            assertThat(loop.used())
                    .containsExactly(loop.batch(1).stream()
                            .sorted()
                            .mapToLong(row -> row)
                            .toArray());
        }
    }

    @Test
    void otherRowsComeInTheSameOrderAndBatchesCanBeMapped() {
        try (StageRun run = run("stage")) {
            StageLoop<Long> loop = StageLoop.of(run, training().build(), ROWS);
            StageLoop<String> named = loop.over(ROWS.map(row -> "row " + row));
            StageLoop<Integer> sizes = named.map(batch -> List.of(batch.size()));

            assertThat(named.batch(2))
                    .isEqualTo(loop.batch(2).stream().map(row -> "row " + row).toList());
            assertThat(sizes.batch(3)).containsExactly(2);
            assertThat(sizes.steps()).isEqualTo(loop.steps());
            assertThat(sizes.used()).isEqualTo(loop.used());
        }
    }

    @Test
    void whatFollowsTheModelIsCalledAfterEachStep() {
        List<String> calls = new ArrayList<>();
        try (StageRun run = run("stage")) {
            StageLoop.of(run, training().maxSteps(2).build(), ROWS)
                    .afterStep(step -> calls.add("after " + step))
                    .run((step, batch) -> {
                        calls.add("step " + step);
                        return result(1);
                    });
        }

        assertThat(calls).containsExactly("step 1", "after 1", "step 2", "after 2");
    }

    /** Its state is the number of evaluations. */
    private static final class Counted implements StageContext.Evaluation, Stateful {
        private long evaluations;

        @Override
        public Map<String, Double> evaluate() {
            return Map.of("n", (double) ++evaluations);
        }

        @Override
        public void save(ObjectNode state) {
            state.put("evaluations", evaluations);
        }

        @Override
        public void restore(ObjectNode state) {
            evaluations = state.get("evaluations").asLong();
        }
    }

    @Test
    void anEvaluationWithAStateIsInTheCheckpoints() throws IOException {
        try (StageRun run = run("stage")) {
            StageLoop.of(run, training().evalSteps(2).saveSteps(4).maxSteps(4).build(), ROWS)
                    .evaluate(Map.of("held", new Counted()))
                    .run((step, batch) -> result(1));
        }

        assertThat(Files.readString(folder.resolve("stage/checkpoints/step-4/state.json")))
                .contains("evaluation_held")
                .contains("\"evaluations\"");
        assertThat(Files.readString(folder.resolve("stage/metrics.jsonl"))).contains("\"eval_held_n\":2.0");
    }

    @Test
    void oneModelNeedsOneLineAndIsWhatATrainerByHandMakes() {
        TrainingConfig training = training().build();
        Examples<List<TokenSequence>> rows =
                Examples.of(10, i -> List.of(TokenSequence.all(new int[] {(int) i, (int) i + 1, (int) i + 2})));
        double[] byLine;
        double[] byHand;
        try (StageRun run = run("line");
                Transformer model = model()) {
            StageLoop.of(run, training, rows)
                    .dropout(0.1)
                    .embeddingNoise(5)
                    .evaluate(Map.of("", rows), model, LOSS)
                    .train("policy", model, LOSS);
            byLine = model.embedding().toArray();
            assertThat(run.summary().get("metrics")).asString().contains("eval_loss=");
        }
        try (StageRun run = run("hand");
                Transformer model = model();
                ModelTrainer trainer = new ModelTrainer(
                        model,
                        1e-2,
                        training.schedule(5),
                        training.optimizer(0.1),
                        run.random().derive("dropout"))) {
            trainer.useEmbeddingNoise(5);
            StageLoop<List<TokenSequence>> loop = StageLoop.of(run, training, rows);
            for (long step = 1; step <= 5; step++) {
                trainer.optimize(List.of(WeightedObjective.of(loop.batch(step), LOSS)));
            }
            byHand = model.embedding().toArray();
        }

        assertThat(byLine).containsExactly(byHand);
    }

    @Test
    void severalModelsHaveTrainersOfTheirOwn() {
        Examples<List<TokenSequence>> rows = Examples.of(10, i -> List.of(TokenSequence.all(new int[] {1, 2, 3})));
        try (StageRun run = run("stage");
                Transformer first = model();
                Transformer second = model()) {
            StageLoop<List<TokenSequence>> loop =
                    StageLoop.of(run, training().saveSteps(5).build(), rows);
            try (ModelTrainer policy = loop.trainer("policy", first, 1e-2);
                    ModelTrainer value = loop.trainer("value", second, 1e-3)) {
                loop.run((step, batch) -> {
                    StepResult result = policy.optimize(List.of(WeightedObjective.of(batch, LOSS)));
                    value.optimize(List.of(WeightedObjective.of(batch, LOSS)));
                    return result;
                });
                assertThat(policy.learningRate(3)).isCloseTo(1e-2, within(1e-12));
                assertThat(value.learningRate(3)).isCloseTo(1e-3, within(1e-12));
                assertThat(value.steps()).isEqualTo(5);
            }
            assertThat(second.embedding().toArray())
                    .isNotEqualTo(first.embedding().toArray());
        }

        assertThat(folder.resolve("stage/checkpoints/step-5/state.json"))
                .content()
                .contains("policy", "value");
    }

    private Transformer model() {
        ModelConfig config = ModelConfig.llama(20, 8, 16, 1, 2, 1, 16, true);
        return Transformer.create(config, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(3));
    }
}
