package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.CheckpointConfig.SaveStrategy;
import io.github.rlhf4j.core.stage.EvaluationConfig.EvalStrategy;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A "model" that is a number: it is the sum of the steps, and its evaluation is what the test says of the step. */
class TrainingLoopTest {
    private static final EvaluationConfig EACH_EPOCH = new EvaluationConfig(Optional.of(EvalStrategy.EPOCH), 0, false);
    private static final CheckpointConfig SAVE_4 = CheckpointConfig.every(4).keeping(2);

    private final Kernels kernels = new CpuKernels(1);
    private final List<String> lines = new ArrayList<>();

    @TempDir
    private Path folder;

    @Test
    void evaluatesOnStartAtEachEpochAndAtTheEnd() throws IOException {
        EvaluationConfig evaluation = new EvaluationConfig(Optional.of(EvalStrategy.EPOCH), 0, true);
        new Run(folder, new LoopSettings(8, 3, 10, evaluation, CheckpointConfig.NONE, BestModelConfig.NONE)).go();

        assertThat(metrics(folder))
                .containsExactly(
                        "{\"step\":0,\"eval_loss\":100.0,\"epoch\":0.0}",
                        "{\"step\":3,\"eval_loss\":103.0,\"epoch\":1.0}",
                        "{\"step\":6,\"eval_loss\":106.0,\"epoch\":2.0}",
                        "{\"step\":8,\"loss\":4.5,\"grad_norm\":8.0,\"learning_rate\":0.8,\"num_tokens\":80,\"epoch\":2.6666666666666665}",
                        "{\"step\":8,\"eval_loss\":108.0,\"epoch\":2.6666666666666665}");
    }

    @Test
    void checkpointsFollowEpochsAndTheEnd() throws IOException {
        CheckpointConfig save = new CheckpointConfig(Optional.of(SaveStrategy.EPOCH), 0, 0);
        new Run(folder, new LoopSettings(8, 3, 10, EvaluationConfig.AT_THE_END, save, BestModelConfig.NONE)).go();

        assertThat(checkpoints(folder)).containsExactly("step-3", "step-6", "step-8");
    }

    @Test
    void saveStrategyBestWritesOneAfterEachBestEvaluation() throws IOException {
        CheckpointConfig save = new CheckpointConfig(Optional.of(SaveStrategy.BEST), 0, 0);
        Run run = new Run(folder, new LoopSettings(5, 5, 1, EvaluationConfig.every(1), save, BestModelConfig.NONE));
        run.losses = new double[] {9, 5, 6, 4, 4.5, 4};
        run.go();

        assertThat(checkpoints(folder)).containsExactly("step-1", "step-3");
    }

    @Test
    void theBestModelIsTheResultAndItsMetricsTheSummarys() {
        Run run = new Run(folder, settings(6, EvaluationConfig.every(2), BestModelConfig.by("eval_loss")));
        run.losses = new double[] {9, 9, 7, 9, 3, 9, 5};
        run.go();

        assertThat(run.value).isEqualTo(1 + 2 + 3 + 4);
        assertThat(run.summary.get("eval_loss")).isEqualTo(3.0);
        assertThat(run.summary.get("best_step")).isEqualTo(4.0);
        assertThat(lines)
                .contains("[stage] step 2: eval_loss 7")
                .doesNotContain("[stage] step 6: eval_loss 5"); // the end has a line of its own
        assertThat(lines).contains("[stage] the model is that of step 4, whose eval_loss 3 is the best");
    }

    @Test
    void greaterIsBetterUnlessTheNameEndsWithLoss() {
        Run run = new Run(folder, settings(3, EvaluationConfig.every(1), BestModelConfig.by("accuracy")));
        run.metric = "accuracy";
        run.losses = new double[] {0, 0.5, 0.7, 0.6};
        run.go();

        assertThat(run.value).isEqualTo(1 + 2);
    }

    @Test
    void anUnknownMetricForTheBestModelIsNamed() {
        Run run = new Run(folder, settings(3, EvaluationConfig.every(1), BestModelConfig.by("acuracy")));
        assertThatThrownBy(run::go)
                .isInstanceOf(UserError.class)
                .hasMessage("metric_for_best_model must be a metric of the evaluation, but is acuracy; there are loss");
    }

    @Test
    void stopsEarlyAsTransformersDoes() throws IOException {
        // EarlyStoppingCallback(2): 5 (first), 5.1 (1), 4.9 (0), 4.95 (1), 4.9 (2: stop)
        Run run = new Run(
                folder,
                settings(
                        9, EvaluationConfig.every(1), BestModelConfig.by("loss").stoppingAfter(2)));
        run.losses = new double[] {0, 5, 5.1, 4.9, 4.95, 4.9, 1, 1, 1, 1};
        run.go();

        assertThat(metrics(folder)).last().asString().startsWith("{\"step\":5,");
        assertThat(run.value).isEqualTo(1 + 2 + 3);
        assertThat(lines)
                .contains("[stage] stopped early after step 5: the last 2 evaluations were no better than eval_loss"
                        + " 4.9 of step 3");
    }

    @Test
    void whateverStepARunIsKilledAtItsResumptionGivesTheSameBytes() throws IOException {
        BestModelConfig best = BestModelConfig.by("loss").stoppingAfter(4);
        LoopSettings settings = new LoopSettings(11, 4, 3, EvaluationConfig.every(2), SAVE_4, best);
        double[] losses = {9, 9, 7, 9, 3, 9, 5, 9, 4, 9, 8, 7};
        Run whole = new Run(Files.createDirectory(folder.resolve("whole")), settings);
        whole.losses = losses;
        whole.go();
        for (int kill = 5; kill <= 11; kill++) {
            Run broken = new Run(Files.createDirectory(folder.resolve("killed-" + kill)), settings);
            broken.losses = losses;
            broken.killAt = kill;
            assertThatThrownBy(broken::go).hasMessage("killed");
            broken.killAt = -1;
            broken.resume = true;
            broken.go();
            assertSame(whole, broken);
        }
    }

    @Test
    void aStoppedRunHasACheckpointOfItsStepAndGoesOnToTheSameBytes() throws IOException {
        for (CheckpointConfig save : List.of(CheckpointConfig.NONE, SAVE_4)) {
            String name = "save" + save.saveSteps();
            LoopSettings settings = new LoopSettings(11, 4, 3, EvaluationConfig.every(5), save, BestModelConfig.NONE);
            Run whole = new Run(Files.createDirectory(folder.resolve(name)), settings);
            whole.go();
            for (int stop = 1; stop <= 11; stop++) {
                Run stopped = new Run(Files.createDirectory(folder.resolve(name + "-" + stop)), settings);
                stopped.stopAt = stop;
                if (stop < 11) {
                    assertThatThrownBy(stopped::go)
                            .isInstanceOf(StoppedException.class)
                            .hasMessage(
                                    "stopped after step %d of 11 of stage stage, with a checkpoint; continue with --resume"
                                            .formatted(stop));
                    assertThat(checkpoints(stopped.directory))
                            .contains((save.isDue(stop, 4) ? "step-" : "stop-") + stop);
                    stopped.stopAt = -1;
                    stopped.resume = true;
                }
                stopped.go(); // the last step is the end anyway
                assertSame(whole, stopped);
            }
        }
    }

    @Test
    void aFinishedRunIsExtendedToTheBytesOfALongerOne() throws IOException {
        for (int longer = 7; longer <= 14; longer++) {
            Run whole = new Run(Files.createDirectory(folder.resolve("whole-" + longer)), extended(longer));
            whole.go();
            for (int shorter = 5; shorter < longer; shorter++) {
                Path directory = Files.createDirectory(folder.resolve(shorter + "-" + longer));
                new Run(directory, extended(shorter)).go();
                Run resumed = new Run(directory, extended(longer));
                resumed.resume = true;
                resumed.go();
                assertSame(whole, resumed);
            }
        }
    }

    private static LoopSettings extended(int steps) {
        return new LoopSettings(steps, 3, 4, EACH_EPOCH, SAVE_4, BestModelConfig.by("loss"));
    }

    @Test
    void fewerStepsThanAreDoneAreRefused() {
        new Run(folder, settings(8, EvaluationConfig.AT_THE_END, BestModelConfig.NONE)).go();
        Run shorter = new Run(folder, settings(6, EvaluationConfig.AT_THE_END, BestModelConfig.NONE));
        shorter.resume = true;
        assertThatThrownBy(shorter::go)
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(
                        "stage stage has done 8 steps already, but max_steps or num_train_epochs ask" + " for 6");
    }

    private static LoopSettings settings(long steps, EvaluationConfig evaluation, BestModelConfig best) {
        return LoopSettings.of(steps, 1, evaluation, CheckpointConfig.every(steps))
                .with(best);
    }

    private void assertSame(Run expected, Run actual) throws IOException {
        String name = actual.directory.getFileName().toString();
        assertThat(metrics(actual.directory)).as(name).isEqualTo(metrics(expected.directory));
        assertThat(Files.readString(actual.directory.resolve("samples.jsonl")))
                .as(name)
                .isEqualTo(Files.readString(expected.directory.resolve("samples.jsonl")));
        assertThat(actual.value).as(name).isEqualTo(expected.value);
        assertThat(actual.summary).as(name).isEqualTo(expected.summary);
        assertThat(checkpoints(actual.directory)).as(name).isEqualTo(checkpoints(expected.directory));
    }

    private static List<String> metrics(Path directory) throws IOException {
        return Files.readAllLines(directory.resolve("metrics.jsonl"));
    }

    private static List<String> checkpoints(Path directory) throws IOException {
        if (!Files.isDirectory(directory.resolve("checkpoints"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory.resolve("checkpoints"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("best"))
                    .sorted()
                    .toList();
        }
    }

    private final class Run implements Stateful {
        private final Path directory;
        private final LoopSettings settings;
        private String metric = "loss";
        private double[] losses = {};
        private long killAt = -1;
        private long stopAt = -1;
        private boolean resume;
        private double value;
        private long step;
        private Map<?, ?> summary = Map.of();

        private Run(Path directory, LoopSettings settings) {
            this.directory = directory;
            this.settings = settings;
        }

        private void go() {
            value = 0;
            step = 0;
            try (StageRun run = new StageRun(setting())) {
                run.register("number", this);
                run.stopOn(() -> step == stopAt);
                run.train(
                        settings,
                        number -> {
                            if (number == killAt) {
                                throw new IllegalStateException("killed");
                            }
                            step = number;
                            value += number;
                            run.sample(number, Map.of("value", value));
                            return new StepResult(number, number, number / 10.0, 10, new StepMetrics());
                        },
                        () -> Map.of(metric, losses.length > 0 ? losses[(int) step] : 100.0 + step));
                summary = (Map<?, ?>) Objects.requireNonNull(run.summary().get("metrics"));
            }
        }

        private StageRun.Setting setting() {
            Console console = new Console() {
                @Override
                public void line(String line) {
                    lines.add(line);
                }

                @Override
                public void warning(String line) {
                    lines.add(line);
                }

                @Override
                public Progress progress(String what, long total, String unit) {
                    return Progress.NONE;
                }
            };
            return new StageRun.Setting("stage", directory, directory, 1, 1, kernels, console, resume, () -> 0);
        }

        @Override
        public void save(ObjectNode state) {
            state.put("value", value);
            state.put("step", step);
        }

        @Override
        public void restore(ObjectNode state) {
            value = state.get("value").asDouble();
            step = state.get("step").asLong();
        }
    }
}
