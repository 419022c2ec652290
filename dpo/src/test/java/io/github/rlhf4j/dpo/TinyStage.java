package io.github.rlhf4j.dpo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.inject.Guice;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.AdamWConfig;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.LearningRateConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageRun;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.tokenizer.BpeTokenizerFiles;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.DatasetsModule;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.DataConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** A dpo stage small enough for a unit test: a random model of 7,000 weights, 12 pairs, everything in one folder. */
final class TinyStage {
    private static final List<String> COLOURS = List.of("red", "green", "blue", "black");
    private static final List<String> THINGS = List.of("sky", "grass", "sea");

    private final Path folder;
    private final Kernels kernels = new CpuKernels(1);

    /** What a test varies. */
    record Options(
            List<String> losses,
            long steps,
            long saveSteps,
            boolean precompute,
            boolean sync,
            double evalFraction,
            int microBatchTokens) {
        static Options of(long steps, String... losses) {
            return new Options(List.of(losses), steps, 0, true, false, 0, 0);
        }

        Options saving(long every) {
            return new Options(losses, steps, every, precompute, sync, evalFraction, microBatchTokens);
        }

        Options inTheStep(boolean syncing) {
            return new Options(losses, steps, saveSteps, false, syncing, evalFraction, microBatchTokens);
        }

        Options holdingOut(double fraction) {
            return new Options(losses, steps, saveSteps, precompute, sync, fraction, microBatchTokens);
        }

        Options cutInto(int tokens) {
            return new Options(losses, steps, saveSteps, precompute, sync, evalFraction, tokens);
        }
    }

    TinyStage(Path folder) {
        this.folder = folder;
        List<String> rows = new ArrayList<>();
        for (String thing : THINGS) {
            for (String colour : COLOURS) {
                rows.add(
                        "{\"prompt\": \"Which colour is the %s? \", \"chosen\": \"It is %s.\", \"rejected\": \"No idea at all about %s.\"}"
                                .formatted(thing, colour, colour));
            }
        }
        write(folder.resolve("pairs.jsonl"), String.join("\n", rows) + "\n");
        BpeTokenizerFiles tokenizer = BpeTrainer.train(rows.iterator(), 280, List.of());
        Path model = model();
        ModelConfig config = ModelConfig.llama(tokenizer.vocabSize(), 16, 32, 2, 2, 1, 96, true);
        try (Transformer fresh = Transformer.create(config, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(3))) {
            fresh.save(model, Optional.empty());
        }
        tokenizer.writeTo(model, Optional.empty());
    }

    /** Rankings of three in the place of the pairs. */
    void writeRankings() {
        List<String> rows = new ArrayList<>();
        for (String thing : THINGS) {
            for (String colour : COLOURS) {
                rows.add(
                        "{\"prompt\": \"Which colour is the %s? \", \"responses\": [\"No idea at all about %s.\", \"It is %s.\", \"%s?\"], \"ranks\": [3, 1, 2]}"
                                .formatted(thing, colour, colour, colour));
            }
        }
        write(folder.resolve("pairs.jsonl"), String.join("\n", rows) + "\n");
    }

    Path model() {
        return folder.resolve("start");
    }

    Path result(String name) {
        return folder.resolve(name).resolve("model");
    }

    DpoConfig config(Options options) {
        boolean needsSmoothing = options.losses().contains("exo_pair");
        return new DpoConfig(
                new ModelReference("start", model()),
                data(options),
                new ReferenceConfig(
                        Optional.empty(),
                        options.precompute(),
                        options.sync(),
                        options.sync() ? OptionalDouble.of(1) : OptionalDouble.empty(),
                        options.sync() ? OptionalLong.of(1) : OptionalLong.empty()),
                options.losses(),
                List.of(),
                RouterConfig.NONE,
                WeightingConfig.NONE,
                0.5,
                needsSmoothing ? GivenKeys.NONE.with(PreferenceLosses.LABEL_SMOOTHING, 0.1) : GivenKeys.NONE,
                true,
                training(options, true));
    }

    /** A dpo stage with weights of pairs and tokens. */
    DpoConfig config(Options options, WeightingConfig weighting) {
        DpoConfig plain = config(options);
        return new DpoConfig(
                plain.model(),
                plain.data(),
                plain.reference(),
                plain.lossType(),
                plain.lossWeights(),
                plain.routers(),
                weighting,
                plain.beta(),
                plain.lossKeys(),
                true,
                plain.training());
    }

    /** A dpo stage with routers. */
    DpoConfig config(DpoConfig plain, RouterConfig routers) {
        return new DpoConfig(
                plain.model(),
                plain.data(),
                plain.reference(),
                plain.lossType(),
                plain.lossWeights(),
                routers,
                plain.weighting(),
                plain.beta(),
                plain.lossKeys(),
                true,
                plain.training());
    }

    private DataConfig data(Options options) {
        return new DataConfig(
                DatasetSpec.of(folder.resolve("pairs.jsonl").toString()),
                Optional.empty(),
                options.evalFraction(),
                0,
                TruncationMode.PROMPT_LEFT,
                false);
    }

    private static TrainingConfig training(Options options, boolean shuffle) {
        return TrainingConfig.of(
                        LearningRateConfig.constant(3e-3),
                        shuffle
                                ? StepsConfig.of(4, options.steps())
                                : StepsConfig.of(4, options.steps()).unshuffled())
                .with(AdamWConfig.DEFAULT.withMicroBatchTokens(options.microBatchTokens()))
                .with(CheckpointConfig.every(options.saveSteps()));
    }

    /** Of both responses of each pair, one desirable, the other not. */
    KtoConfig ktoConfig(Options options, KtoLossType loss, boolean shuffle) {
        TrainingConfig training = training(options, shuffle);
        return new KtoConfig(
                new ModelReference("start", model()),
                data(options),
                new ReferenceConfig(
                        Optional.empty(),
                        options.precompute(),
                        options.sync(),
                        options.sync() ? OptionalDouble.of(1) : OptionalDouble.empty(),
                        options.sync() ? OptionalLong.of(1) : OptionalLong.empty()),
                RouterConfig.NONE,
                loss,
                0.5,
                1,
                1,
                true,
                training);
    }

    /** Runs and returns the lines of metrics.jsonl. */
    List<String> run(String name, Options options, boolean resume) {
        return run(name, DpoTrainer.class, config(options), resume);
    }

    <C extends Record> List<String> run(String name, Class<? extends Stage<C>> type, C config, boolean resume) {
        Stage<C> trainer =
                Guice.createInjector(new DatasetsModule(), new DpoModule()).getInstance(type);
        Path directory = folder.resolve(name);
        StageRun.Setting setting = new StageRun.Setting(
                name, directory, folder.resolve("cache"), 5, 5, kernels, Console.SILENT, resume, System::nanoTime);
        try {
            Files.createDirectories(directory);
            trainer.check(config);
            try (StageRun run = new StageRun(setting)) {
                trainer.run(config, run);
            }
            return Files.readAllLines(directory.resolve("metrics.jsonl"));
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

    private static JsonNode parsed(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
