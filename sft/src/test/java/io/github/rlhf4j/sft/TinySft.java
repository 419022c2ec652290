package io.github.rlhf4j.sft;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.inject.Guice;
import com.google.inject.Injector;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.LearningRateConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageRun;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.DatasetsModule;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.DataConfig;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import io.github.rlhf4j.datasets.training.TokenizerChanges;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Stages pretrain and sft small enough for a unit test: a model of 6,000 weights, 24 rows, everything in one folder. */
final class TinySft {
    final Path folder;
    final List<String> lines = new ArrayList<>(); // notes and warnings of all runs

    private final Kernels kernels = new CpuKernels(1);
    private final Injector injector = Guice.createInjector(new DatasetsModule(), new SftModule());

    /** What a test varies, with what is usual in these tests. */
    static final class Keys {
        String dataset = "rows";
        Optional<String> evalDataset = Optional.empty();
        double evalFraction;
        int maxLength;
        TruncationMode truncationMode = TruncationMode.PROMPT_LEFT;
        Optional<String> chatTemplatePath = Optional.empty();
        Optional<String> eosToken = Optional.empty();
        Optional<Boolean> completionOnlyLoss = Optional.empty();
        Optional<Boolean> applyChatTemplate = Optional.empty();
        boolean assistantOnlyLoss;
        SftLossConfig loss = SftLossConfig.DEFAULT;
        PackingConfig packing = PackingConfig.NONE;
        long steps = 4;
        int batchSize = 8;
        long saveSteps;
        boolean shuffle = true;
    }

    TinySft(Path folder) {
        this.folder = folder;
        List<String> texts = new ArrayList<>();
        List<String> rows = new ArrayList<>();
        List<String> chats = new ArrayList<>();
        for (String thing : List.of("sky", "sea", "grass", "snow", "coal", "sun")) {
            for (String colour : List.of("blue", "green", "white", "black")) {
                texts.add("{\"text\": \"The %s is %s.\"}".formatted(thing, colour));
                rows.add("{\"prompt\": \"Is the %s %s? \", \"completion\": \"Yes, it is.\"}".formatted(thing, colour));
                chats.add(
                        "{\"messages\": [{\"role\": \"user\", \"content\": \"Is the %s %s?\"}, {\"role\": \"assistant\", \"content\": \"Yes, it is.\"}]}"
                                .formatted(thing, colour));
            }
        }
        write("texts.jsonl", String.join("\n", texts) + "\n");
        write("rows.jsonl", String.join("\n", rows) + "\n");
        write("chats.jsonl", String.join("\n", chats) + "\n");
    }

    Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path model(String name) {
        return folder.resolve(name).resolve("model");
    }

    /** A model of its own; returns metrics.jsonl. */
    List<String> pretrain(String name, long steps) {
        Keys keys = new Keys();
        keys.batchSize = 4;
        keys.steps = steps;
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
                training(keys));
        return run(name, Pretrainer.class, config, false);
    }

    SftConfig config(String model, Keys keys) {
        return new SftConfig(
                new ModelReference(model, model(model)),
                new DataConfig(
                        dataset(keys.dataset),
                        keys.evalDataset.map(this::dataset).map(EvalDatasets::of),
                        keys.evalFraction,
                        keys.maxLength,
                        keys.truncationMode,
                        false,
                        keys.applyChatTemplate),
                new TokenizerChanges(keys.chatTemplatePath, keys.eosToken),
                keys.completionOnlyLoss,
                keys.assistantOnlyLoss,
                keys.loss,
                keys.packing,
                training(keys));
    }

    /** Fine-tunes; returns metrics.jsonl. */
    List<String> sft(String name, String model, Keys keys) {
        return run(name, SftTrainer.class, config(model, keys), false);
    }

    <C extends Record> List<String> run(String name, Class<? extends Stage<C>> type, C config, boolean resume) {
        Path directory = folder.resolve(name);
        StageRun.Setting setting = new StageRun.Setting(
                name, directory, folder.resolve("cache"), 5, 5, kernels, new Listening(), resume, () -> 0);
        try {
            Files.createDirectories(directory);
            Stage<C> stage = injector.getInstance(type);
            stage.check(config);
            try (StageRun run = new StageRun(setting)) {
                stage.run(config, run);
            }
            return Files.readAllLines(directory.resolve("metrics.jsonl"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TrainingConfig training(Keys keys) {
        StepsConfig steps = StepsConfig.of(keys.batchSize, keys.steps);
        return TrainingConfig.of(LearningRateConfig.constant(1e-2), keys.shuffle ? steps : steps.unshuffled())
                .with(CheckpointConfig.every(keys.saveSteps));
    }

    private DatasetSpec dataset(String name) {
        return DatasetSpec.of(folder.resolve(name + ".jsonl").toString());
    }

    byte[] weights(String name) {
        try {
            return Files.readAllBytes(model(name).resolve("model.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode json(String stage, String file) {
        return parsed(text(stage, file));
    }

    String text(String stage, String file) {
        try {
            return Files.readString(model(stage).resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A metric of each line that has it. */
    static List<Double> metric(List<String> lines, String name) {
        List<Double> values = new ArrayList<>();
        for (String line : lines) {
            JsonNode value = parsed(line).path(name);
            if (!value.isMissingNode()) {
                values.add(value.asDouble());
            }
        }
        return values;
    }

    private static JsonNode parsed(String json) {
        try {
            return new ObjectMapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Listening implements Console {
        @Override
        public void line(String text) {
            lines.add(text);
        }

        @Override
        public void warning(String text) {
            lines.add("warning: " + text);
        }

        @Override
        public Progress progress(String what, long total, String unit) {
            return Console.SILENT.progress(what, total, unit);
        }
    }
}
