package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.inject.Guice;
import com.google.inject.Injector;
import io.github.rlhf4j.core.kernels.CpuKernels;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.train.CheckpointConfig;
import io.github.rlhf4j.core.train.Console;
import io.github.rlhf4j.core.train.LearningRateConfig;
import io.github.rlhf4j.core.train.ModelReference;
import io.github.rlhf4j.core.train.StageRun;
import io.github.rlhf4j.core.train.StepsConfig;
import io.github.rlhf4j.core.train.TrainingConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.DatasetsModule;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.DataConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pre-training from nothing and fine-tuning on top, as whole stages. */
class SftTrainerTest {
    private final Kernels kernels = new CpuKernels(1);
    private final Injector injector = Guice.createInjector(new DatasetsModule(), new SftModule());

    @TempDir
    private Path folder;

    @BeforeEach
    void writeData() throws IOException {
        List<String> texts = new ArrayList<>();
        List<String> rows = new ArrayList<>();
        for (String thing : List.of("sky", "sea", "grass", "snow", "coal", "sun")) {
            for (String colour : List.of("blue", "green", "white", "black")) {
                texts.add("{\"text\": \"The %s is %s.\"}".formatted(thing, colour));
                rows.add("{\"prompt\": \"Is the %s %s? \", \"completion\": \"Yes, it is.\"}".formatted(thing, colour));
            }
        }
        Files.writeString(folder.resolve("texts.jsonl"), String.join("\n", texts) + "\n");
        Files.writeString(folder.resolve("rows.jsonl"), String.join("\n", rows) + "\n");
    }

    @Test
    void pretrainingMakesAModelThatFineTuningGoesOnWith() throws IOException {
        List<Double> pretraining = metric(pretrain("pretrain", 30), "loss");
        List<String> tuning = sft("sft", "pretrain", 20, 0, false);

        assertThat(pretraining.get(29)).isLessThan(0.5 * pretraining.get(0));
        assertThat(metric(tuning, "loss").get(19))
                .isLessThan(0.3 * metric(tuning, "loss").get(0));
        assertThat(metric(tuning, "trained_to_stop")).containsOnly(1.0);
        assertThat(metric(tuning, "eval_loss")).hasSize(1);
        assertThat(folder.resolve("sft/model/tokenizer.json")).exists();
    }

    @Test
    void twoRunsOfOneSeedGiveTheSameBytes() throws IOException {
        pretrain("first", 5);
        pretrain("second", 5);

        assertThat(weights("second")).isEqualTo(weights("first"));
    }

    @Test
    void aResumedRunIsTheRunThatWasNeverStopped() throws IOException {
        pretrain("pretrain", 5);
        List<String> unbroken = sft("unbroken", "pretrain", 8, 2, false);
        sft("broken", "pretrain", 4, 2, false);
        List<String> resumed = sft("broken", "pretrain", 8, 2, true);

        assertThat(metric(resumed, "loss")).isEqualTo(metric(unbroken, "loss"));
        assertThat(weights("broken")).isEqualTo(weights("unbroken"));
    }

    @Test
    void lossAtTheStartIsThatOfAUniformGuess() throws IOException {
        // weights of standard deviation 0.02 give nearly equal logits over 270 tokens
        assertThat(metric(pretrain("pretrain", 1), "loss").get(0)).isCloseTo(Math.log(270), within(0.1));
    }

    private List<String> pretrain(String name, long steps) throws IOException {
        PretrainConfig config = new PretrainConfig(
                Optional.empty(),
                Optional.of(new ArchitectureConfig(
                        16, 32, 2, 2, Optional.of(1), Optional.empty(), 64, Optional.empty(), Optional.empty())),
                Optional.of(new TokenizerConfig(Optional.empty(), Optional.of(270))),
                dataset("texts"),
                Optional.empty(),
                0,
                0,
                false,
                0,
                training(1e-2, 4, steps, 0));
        try (StageRun run = new StageRun(setting(name, false))) {
            injector.getInstance(Pretrainer.class).run(config, run);
        }
        return lines(name);
    }

    private List<String> sft(String name, String model, long steps, long saveSteps, boolean resume) throws IOException {
        SftConfig config = new SftConfig(
                new ModelReference(model, folder.resolve(model).resolve("model")),
                new DataConfig(dataset("rows"), Optional.empty(), 0.2, 0, TruncationMode.PROMPT_LEFT, false),
                true,
                false,
                0.1,
                training(1e-2, 8, steps, saveSteps));
        try (StageRun run = new StageRun(setting(name, resume))) {
            injector.getInstance(SftTrainer.class).run(config, run);
        }
        return lines(name);
    }

    private static TrainingConfig training(double learningRate, int batchSize, long steps, long saveSteps) {
        return TrainingConfig.of(LearningRateConfig.constant(learningRate), StepsConfig.of(batchSize, steps))
                .with(CheckpointConfig.every(saveSteps));
    }

    private DatasetSpec dataset(String name) {
        return DatasetSpec.of(folder.resolve(name + ".jsonl").toString());
    }

    private StageRun.Setting setting(String name, boolean resume) throws IOException {
        Path directory = Files.createDirectories(folder.resolve(name));
        return new StageRun.Setting(
                name, directory, folder.resolve("cache"), 5, 5, kernels, Console.SILENT, resume, () -> 0);
    }

    private List<String> lines(String name) throws IOException {
        return Files.readAllLines(folder.resolve(name).resolve("metrics.jsonl"));
    }

    private byte[] weights(String name) throws IOException {
        return Files.readAllBytes(folder.resolve(name).resolve("model/model.safetensors"));
    }

    private static List<Double> metric(List<String> lines, String name) throws IOException {
        List<Double> values = new ArrayList<>();
        for (String line : lines) {
            JsonNode value = new ObjectMapper().readTree(line).get(name);
            if (value != null) {
                values.add(value.asDouble());
            }
        }
        return values;
    }
}
