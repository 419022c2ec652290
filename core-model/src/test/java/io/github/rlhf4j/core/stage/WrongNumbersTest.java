package io.github.rlhf4j.core.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.NumbersConfig.OnNonfinite;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps whose loss is not a number, since a row's is not, and steps whose loss leaps. */
class WrongNumbersTest {
    private static final int POISON = 7;
    private final Kernels kernels = new CpuKernels(1);

    @TempDir
    private Path folder;

    /** Row i is the tokens i, i + 1, i + 2 of line i + 1. */
    private static final class Rows implements Examples<List<TokenSequence>> {
        @Override
        public long size() {
            return 10;
        }

        @Override
        public List<TokenSequence> get(long i) {
            return List.of(TokenSequence.all(new int[] {(int) i, (int) i + 1, (int) i + 2}));
        }

        @Override
        public List<Map<String, Object>> describe(long[] indices) {
            return Arrays.stream(indices)
                    .mapToObj(i -> Map.<String, Object>of("file", "rows.jsonl", "line", i + 1, "row", "text " + i))
                    .toList();
        }
    }

    /** The loss of rows whose first token is poison is not a number. */
    private record Poisoned(IntPredicate isPoison) implements Objective<List<TokenSequence>> {
        private static final NextTokenLoss LOSS = new NextTokenLoss(1);

        @Override
        public List<TokenSequence> layout(List<TokenSequence> example) {
            return example;
        }

        @Override
        public Set<Column> statistics() {
            return LOSS.statistics();
        }

        @Override
        public void evaluate(ObjectiveBatch<List<TokenSequence>> batch) {
            LOSS.evaluate(batch);
            if (batch.examples().stream()
                    .anyMatch(row -> isPoison.test(row.get(0).ids()[0]))) {
                batch.addLoss(Double.NaN);
            }
        }
    }

    private void train(String name, boolean resume, UnaryOperator<TrainingConfigBuilder> keys, IntPredicate isPoison) {
        TrainingConfigBuilder usual = TrainingConfig.builder()
                .learningRate(1e-2)
                .lrSchedulerType("constant")
                .batchSize(4)
                .maxSteps(12)
                .shuffle(false)
                .loggingSteps(1);
        ModelConfig config = ModelConfig.llama(20, 8, 16, 1, 2, 1, 16, true);
        try (StageRun run = StageRun.builder(folder.resolve(name), kernels)
                        .seed(7)
                        .nanoTime(() -> 0)
                        .resume(resume)
                        .build();
                Transformer model = Transformer.create(config, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(3))) {
            StageLoop.of(run, keys.apply(usual).build(), new Rows()).train("policy", model, new Poisoned(isPoison));
        }
    }

    private JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(file).toFile());
    }

    @Test
    void theStageEndsWithTheRowNamedAndWrittenAside() throws IOException {
        assertThatThrownBy(() -> train("stop", false, keys -> keys.saveSteps(1), row -> row == POISON))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("step 2: loss is NaN")
                .hasMessageContaining("from rows.jsonl:8;")
                .hasMessageContaining("stop/nonfinite/step-2");
        JsonNode report = json("stop/nonfinite/step-2/report.json");
        assertThat(report.get("loss").asText()).isEqualTo("NaN");
        assertThat(report.get("examples").get(0).get("place").asInt()).isEqualTo(3);
        assertThat(report.get("weights")).isEmpty();
        List<String> rows = Files.readAllLines(folder.resolve("stop/nonfinite/step-2/rows.jsonl"));
        assertThat(rows).hasSize(4).allMatch(row -> row.contains("\"file\":\"rows.jsonl\""));
        assertThat(rows.get(3)).contains("\"index\":7", "\"line\":8", "\"row\":\"text 7\"");
        assertThat(folder.resolve("stop/checkpoints/step-1")).exists();
        assertThat(folder.resolve("stop/checkpoints/step-2")).doesNotExist();
    }

    @Test
    void skippedStepsChangeNothingAndAreCounted() throws IOException {
        train("skip", false, keys -> keys.onNonfinite(OnNonfinite.SKIP), row -> row == POISON);

        List<String> lines = Files.readAllLines(folder.resolve("skip/metrics.jsonl"));
        assertThat(lines).hasSize(12);
        assertThat(lines.get(1)).doesNotContain("loss").contains("\"nonfinite_steps\":1");
        assertThat(lines.get(2)).contains("loss", "\"nonfinite_steps\":1");
        assertThat(lines.get(11)).contains("\"nonfinite_steps\":4").doesNotContain("NaN");
        assertThat(folder.resolve("skip/nonfinite")).isDirectoryContaining(path -> path.endsWith("step-11"));
    }

    @Test
    void tenStepsOneAfterTheOtherAreTheMost() {
        assertThatThrownBy(() -> train("all", false, keys -> keys.onNonfinite(OnNonfinite.SKIP), row -> true))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(
                        "on_nonfinite: skip leaves out at most 10 steps one after the other and 100 of a stage; step");
    }

    @Test
    void aRunThatSkipsAndWatchesIsTheSameAfterAResumption() throws IOException {
        UnaryOperator<TrainingConfigBuilder> keys = all -> all.onNonfinite(OnNonfinite.SKIP)
                .canarySteps(2)
                .lossSpikeSigma(3)
                .saveSteps(4);
        train("whole", false, keys, row -> row == POISON);
        assertThatThrownBy(() -> train("broken", false, keys, row -> {
                    if (Files.exists(folder.resolve("broken/nonfinite/step-8")) && row == 1) {
                        throw new IllegalStateException("killed"); // after step 8 was skipped
                    }
                    return row == POISON;
                }))
                .hasMessageContaining("killed");
        train("broken", true, keys, row -> row == POISON);

        assertThat(files("broken")).isEqualTo(files("whole"));
    }

    /** What a resumed stage repeats. */
    private Map<String, String> files(String name) throws IOException {
        Path stage = folder.resolve(name);
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(stage)) {
            all.filter(Files::isRegularFile).forEach(file -> {
                String relative = stage.relativize(file).toString();
                if (relative.matches("metrics\\.jsonl|(checkpoints|nonfinite|spikes)/.*")
                        && !relative.endsWith("checksums.json")
                        && !relative.endsWith("state.json")) {
                    try {
                        contents.put(relative, Arrays.toString(Files.readAllBytes(file)));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            });
        }
        return contents;
    }

    @Test
    void aLossFarAboveThoseBeforeIsWrittenAside() throws IOException {
        try (StageRun run = StageRun.builder(folder.resolve("spike"), kernels).build()) {
            StageLoop<List<TokenSequence>> loop = StageLoop.of(
                    run,
                    TrainingConfig.builder()
                            .batchSize(2)
                            .maxSteps(100)
                            .lossSpikeSigma(6)
                            .build(),
                    new Rows());
            loop.run((step, batch) ->
                    new StepResult(step == 80 ? 2 : 1 + step % 3 / 100.0, 1, 0.1, 1, new StepMetrics()));
        }

        assertThat(folder.resolve("spike/spikes")).isDirectoryContaining(path -> path.endsWith("step-80"));
        assertThat(json("spike/spikes/step-80/report.json").get("loss").asDouble())
                .isEqualTo(2);
        assertThat(Files.readString(folder.resolve("spike/messages.jsonl")))
                .contains("step 80: the loss is 2.000", "its rows are rows.jsonl:");
        try (Stream<Path> all = Files.list(folder.resolve("spike/spikes"))) {
            assertThat(all).hasSize(1);
        }
    }
}
