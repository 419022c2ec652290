package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StageRunTest {
    private static final LoopSettings LOOP = LoopSettings.of(
            10, 3, EvaluationConfig.every(5), CheckpointConfig.every(4).keeping(2));

    private final Kernels kernels = new CpuKernels(1);
    private final Watcher console = new Watcher();

    @TempDir
    private Path folder;

    @Test
    void aKilledRunThatIsResumedWritesTheSameBytes() throws IOException {
        Path unbroken = Files.createDirectory(folder.resolve("unbroken"));
        Path broken = Files.createDirectory(folder.resolve("broken"));
        double whole = run(unbroken, false, Long.MAX_VALUE);

        assertThatThrownBy(() -> run(broken, false, 7)).hasMessage("killed");
        double resumed = run(broken, true, Long.MAX_VALUE);

        assertThat(resumed).isEqualTo(whole);
        assertThat(broken.resolve("metrics.jsonl")).hasSameTextualContentAs(unbroken.resolve("metrics.jsonl"));
        assertThat(broken.resolve("samples.jsonl")).hasSameTextualContentAs(unbroken.resolve("samples.jsonl"));
    }

    @Test
    void aDamagedCheckpointIsPassedOverForTheOneBefore() throws IOException {
        Path stage = Files.createDirectory(folder.resolve("stage"));
        double whole = run(stage, false, Long.MAX_VALUE);
        Files.writeString(stage.resolve("checkpoints/step-10/state.json"), "{}");

        assertThat(run(stage, true, Long.MAX_VALUE)).isEqualTo(whole);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "checksums.json cut",
                "checksums.json []",
                "checksums.json folder",
                "state.json folder",
                "tensors.safetensors folder",
                "state.json {}",
                "state.json {\"loop\":{\"step\":10}}",
                "state.json step-8",
                "state.json window",
                "state.json parts"
            })
    void whateverIsWrongWithACheckpointItIsPassedOver(String damage) throws IOException {
        Path stage = Files.createDirectory(folder.resolve("stage"));
        double whole = run(stage, false, Long.MAX_VALUE);
        Path checkpoints = stage.resolve("checkpoints");
        Path newest = checkpoints.resolve("step-10");
        Path file = newest.resolve(damage.substring(0, damage.indexOf(' ')));
        String content = damage.substring(damage.indexOf(' ') + 1);
        String text = file.endsWith("tensors.safetensors") ? "" : Files.readString(file);
        Files.delete(file);
        switch (content) {
            case "folder" -> Files.createDirectory(file);
            case "cut" -> Files.writeString(file, text.substring(0, 50));
            case "step-8" -> Files.copy(checkpoints.resolve("step-8/state.json"), file);
            case "window" -> Files.writeString(file, text.replaceFirst("\"window\":.", "\"window\":{\"loss\":7,"));
            case "parts" -> Files.writeString(file, text.replace("{\"counter\"", "{\"other\""));
            default -> Files.writeString(file, content);
        }
        if (Files.isRegularFile(newest.resolve("state.json"))
                && !file.endsWith("checksums.json")) { // the sums are its own
            Files.writeString(
                    newest.resolve("checksums.json"),
                    "{\"state.json\":\"%s\",\"tensors.safetensors\":\"%s\"}"
                            .formatted(sum(newest.resolve("state.json")), sum(newest.resolve("tensors.safetensors"))));
        }
        Files.createDirectories(checkpoints.resolve("step-9999999999999999999999"));
        Files.createDirectories(checkpoints.resolve("step-x"));
        Files.writeString(checkpoints.resolve("step-30"), "a file");

        assertThat(run(stage, true, Long.MAX_VALUE)).isEqualTo(whole);
    }

    private static String sum(Path file) {
        return Files.isRegularFile(file) ? AtomicFiles.sha256(file) : "";
    }

    @Test
    void onlyCheckpointsAreRemovedWhenThereAreTooMany() throws IOException {
        Path foreign = Files.createDirectories(folder.resolve("checkpoints/step-1"));
        Files.writeString(foreign.resolve("mine.txt"), "mine");

        run(folder, false, Long.MAX_VALUE);

        assertThat(foreign.resolve("mine.txt")).exists();
        assertThat(folder.resolve("checkpoints/step-4")).doesNotExist();
    }

    @Test
    void aStateCannotNameAFileOutsideOfTheStage() throws IOException {
        Path stage = Files.createDirectory(folder.resolve("stage"));
        Path evil = Files.writeString(folder.resolve("evil.jsonl"), "precious");
        run(stage, false, Long.MAX_VALUE);
        Path newest = stage.resolve("checkpoints/step-10");
        String state = Files.readString(newest.resolve("state.json"));
        Files.writeString(
                newest.resolve("state.json"), state.replace("\"log_bytes\":{", "\"log_bytes\":{\"../evil\":0,"));
        Files.writeString(
                newest.resolve("checksums.json"),
                Files.readString(newest.resolve("checksums.json"))
                        .replaceFirst("(?<=state.json\":\")[0-9a-f]+", sum(newest.resolve("state.json"))));

        run(stage, true, Long.MAX_VALUE);

        assertThat(evil).hasContent("precious");
    }

    @Test
    void aLogThatIsNotAsItWasAtTheCheckpointIsNamedAtTheStart() throws IOException {
        for (String log : new String[] {"metrics", "samples", "timing"}) {
            Path stage = Files.createDirectory(folder.resolve(log));
            assertThatThrownBy(() -> run(stage, false, 7)).hasMessage("killed");
            Path file = stage.resolve(log + ".jsonl");
            String text = Files.readString(file);
            Files.writeString(file, text.substring(0, 10));
            assertRefused(stage, file);
            Files.writeString(file, text.replaceFirst("[0-9]", "7"));
            assertRefused(stage, file);
            Files.delete(file);
            assertRefused(stage, file);
            Files.writeString(file, text);
            run(stage, true, Long.MAX_VALUE);
        }
    }

    private void assertRefused(Path stage, Path file) {
        assertThatThrownBy(() -> run(stage, true, Long.MAX_VALUE))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(file + " is gone or has been changed since its last checkpoint");
    }

    @Test
    void whatTheLastUpdateHasMadeOfTheModelIsLookedAt() {
        try (StageRun run = new StageRun(setting(folder, false));
                NativeMemory memory = new NativeMemory()) {
            Counter counter = new Counter(memory.allocate(DataType.FLOAT, 2, 3));
            run.register("policy", counter);
            assertThatThrownBy(() -> run.train(
                            LOOP,
                            step -> {
                                counter.value.set(1, 2, step == 10 ? Double.NaN : step);
                                return new StepResult(1, 1, 1, 1, new StepMetrics());
                            },
                            () -> Map.of()))
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith("step 10: after the update policy.value is not finite");
        }
        assertThat(folder.resolve("checkpoints/step-8")).exists();
        assertThat(folder.resolve("checkpoints/step-10")).doesNotExist();
    }

    @Test
    void keepsTheNewestCheckpointsOnly() throws IOException {
        run(folder, false, Long.MAX_VALUE);

        assertThat(folder.resolve("checkpoints")).isDirectoryNotContaining("glob:**step-4");
        assertThat(folder.resolve("checkpoints")).isDirectoryContaining("glob:**step-10");
    }

    @Test
    void logsMeansOfTheWindowAndEvaluations() throws IOException {
        run(folder, false, Long.MAX_VALUE);

        // steps 1, 2, 3 have losses 1, 2, 3; the gradient norm and rate are those of step 3
        assertThat(Files.readAllLines(folder.resolve("metrics.jsonl")).get(0))
                .isEqualTo(
                        "{\"step\":3,\"loss\":2.0,\"grad_norm\":6.0,\"learning_rate\":0.3,\"num_tokens\":30,\"epoch\":0.3,\"twice\":4.0}");
        assertThat(Files.readAllLines(folder.resolve("metrics.jsonl")))
                .contains("{\"step\":5,\"eval_half\":2.5,\"epoch\":0.5}");
    }

    @Test
    void aFailedSelfCheckStopsTheRun() {
        try (StageRun run = new StageRun(setting(folder, false))) {
            assertThatThrownBy(() -> run.selfCheck("one is two", false, "1 != 2"))
                    .isInstanceOf(SelfCheckFailure.class)
                    .hasMessageContaining("one is two");
        }
    }

    @Test
    void notesWarningsAndChecksStayInMessages() throws IOException {
        try (StageRun run = new StageRun(setting(folder, false))) {
            run.note("5 examples");
            run.warn("1 row was cut");
            run.selfCheck("one is one", true, "1 = 1");
        }
        assertThat(Files.readAllLines(folder.resolve("messages.jsonl")))
                .containsExactly(
                        "{\"level\":\"note\",\"message\":\"5 examples\"}",
                        "{\"level\":\"warning\",\"message\":\"1 row was cut\"}",
                        "{\"level\":\"check\",\"message\":\"one is one: 1 = 1\",\"passed\":true}");
    }

    @Test
    void aResumedRunAddsOnlyNewMessages() throws IOException {
        assertThatThrownBy(() -> run(folder, false, 7)).hasMessage("killed");
        Files.writeString(
                folder.resolve("messages.jsonl"), "{\"level\":\"note\",\"message\":\"a\"}\n{\"level\":\"no"); // torn
        try (StageRun run = new StageRun(setting(folder, true))) {
            run.note("a");
            run.note("b");
        }
        assertThat(Files.readAllLines(folder.resolve("messages.jsonl")))
                .containsExactly("{\"level\":\"note\",\"message\":\"a\"}", "{\"level\":\"note\",\"message\":\"b\"}");
    }

    @Test
    void progressShowsTheMetricsOfTheWindowAndCountsAllSteps() {
        assertThatThrownBy(() -> run(folder, false, 7)).hasMessage("killed");
        console.shown.clear();

        run(folder, true, Long.MAX_VALUE);

        // goes on after step 4; the window of steps 4, 5, 6 ends at 6, and 10 ends the run
        assertThat(console.shown)
                .containsExactly(
                        "start 4 of 10",
                        "5: loss 4.5",
                        "6: loss 5",
                        "report",
                        "7: loss 7",
                        "8: loss 7.5",
                        "9: loss 8",
                        "report",
                        "10: loss 10",
                        "report");
    }

    /** Counts in a tensor and in a field; "dies" before step {@code killAt}. */
    private double run(Path stage, boolean resume, long killAt) {
        try (StageRun run = new StageRun(setting(stage, resume));
                NativeMemory memory = new NativeMemory()) {
            Counter counter = new Counter(memory.allocate(DataType.FLOAT, 2, 3));
            run.register("counter", counter);
            run.train(
                    LOOP,
                    step -> {
                        if (step == killAt) {
                            throw new IllegalStateException("killed");
                        }
                        counter.value.set(1, 2, counter.value.get(1, 2) + step / 3.0);
                        counter.sum += 0.1 * step;
                        run.sample(step, Map.of("sum", counter.sum));
                        StepMetrics metrics = new StepMetrics();
                        metrics.set("twice", 2 * step);
                        return new StepResult(step, 2 * step, step / 10.0, 10, metrics);
                    },
                    () -> Map.of("half", counter.sum / 0.1 / 6));
            return counter.value.get(1, 2) + counter.sum;
        }
    }

    private StageRun.Setting setting(Path stage, boolean resume) {
        return new StageRun.Setting("stage", stage, stage, 1, 1, kernels, console, resume, () -> 0);
    }

    /** Remembers what progress showed. */
    private static final class Watcher implements Console {
        private final List<String> shown = new ArrayList<>();

        @Override
        public void line(String line) {}

        @Override
        public void warning(String line) {}

        @Override
        public Progress progress(String what, long total, String unit) {
            return new Progress() {
                private long done;

                @Override
                public void startAt(long units) {
                    done = units;
                    shown.add("start " + units + " of " + total);
                }

                @Override
                public void advance(long units) {
                    done += units;
                }

                @Override
                public void advance(long units, Supplier<String> numbers) {
                    advance(units);
                    shown.add(done + ": " + numbers.get());
                }

                @Override
                public void report() {
                    shown.add("report");
                }

                @Override
                public void close() {}
            };
        }
    }

    private static final class Counter implements Stateful {
        private final Tensor value;
        private double sum;

        private Counter(Tensor value) {
            this.value = value;
        }

        @Override
        public Map<String, Tensor> tensors() {
            return Map.of("value", value);
        }

        @Override
        public void save(ObjectNode state) {
            state.put("sum", sum);
        }

        @Override
        public void restore(ObjectNode state) {
            sum = state.get("sum").asDouble();
        }
    }
}
