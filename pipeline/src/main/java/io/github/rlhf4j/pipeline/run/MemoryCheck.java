package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.sft.PretrainConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/** What the training stages of a run will take of memory, as far as their configs tell, before any of them starts. */
final class MemoryCheck {
    private static final long UNKNOWN_VOCABULARY = 1000; // of a tokenizer that is in a folder

    private final OptionalLong bound;
    private final Compute compute;
    private final Map<String, ModelConfig> ofStages = new HashMap<>();
    private final Map<String, StageNeeds> needs = new HashMap<>();
    private final List<String> lines = new ArrayList<>();

    /**
     * @param bound bytes of native memory that the process may take; empty where there is none
     * @param compute of the run
     */
    MemoryCheck(OptionalLong bound, Compute compute) {
        this.bound = bound;
        this.compute = compute;
    }

    /** The bound that the launcher gives. */
    static OptionalLong boundOfProcess() {
        String given =
                System.getProperty("org.bytedeco.javacpp.maxphysicalbytes", "").toLowerCase(Locale.ROOT);
        if (!given.matches("[0-9]{1,12}[kmg]?")) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(given.replaceAll("[kmg]", ""));
        int shift = given.endsWith("g") ? 30 : given.endsWith("m") ? 20 : given.endsWith("k") ? 10 : 0;
        return number == 0 ? OptionalLong.empty() : OptionalLong.of(number << shift);
    }

    /**
     * Looks at a stage.
     *
     * @param stage its name
     * @param earlier names of the stages before it
     * @return a warning where it may take more than there is
     * @throws UserError when it cannot work
     */
    Optional<String> check(String stage, Record config, ConfigValue.Entries keys, Set<String> earlier) {
        Optional<ModelConfig> model = model(config, earlier);
        model.ifPresent(shape -> ofStages.put(stage, shape));
        return keys.entries().containsKey("micro_batch_tokens")
                ? model.flatMap(shape -> check(stage, shape, config, keys))
                : StageMemory.ofUntrained(config, compute, keys, reference -> model(reference, ofStages.keySet()))
                        .flatMap(memory -> checkUntrained(stage, memory));
    }

    private Optional<String> checkUntrained(String stage, StageMemory memory) {
        lines.add("%s takes about %s of memory: models %s, sampling and scoring %s, the program %s"
                .formatted(
                        stage,
                        megabytes(memory.whole()),
                        megabytes(memory.models()),
                        megabytes(memory.sampling() + memory.activations()),
                        megabytes(memory.program())));
        if (bound.isPresent() && memory.models() + memory.program() > bound.getAsLong()) {
            throw new UserError(
                    "%s: the models do not fit into memory: they take %s, the program %s, and there are %s; take smaller ones"
                            .formatted(
                                    stage,
                                    gigabytes(memory.models()),
                                    gigabytes(memory.program()),
                                    gigabytes(bound.getAsLong())));
        }
        return bound.isPresent() && memory.whole() > bound.getAsLong()
                ? Optional.of(
                        "%s may take %s of memory (models %s, sampling and scoring %s, the program %s), and there are %s; shorter answers and smaller batches take less"
                                .formatted(
                                        stage,
                                        gigabytes(memory.whole()),
                                        gigabytes(memory.models()),
                                        gigabytes(memory.sampling() + memory.activations()),
                                        gigabytes(memory.program()),
                                        gigabytes(bound.getAsLong())))
                : Optional.empty();
    }

    /** What each stage takes, about, a line a stage. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    private static String line(String stage, StageMemory memory) {
        StringBuilder parts = new StringBuilder("weights, gradients and moments ").append(megabytes(memory.trained()));
        if (memory.others() > 0) {
            parts.append(", other models ").append(megabytes(memory.others()));
        }
        if (memory.sampling() > 0) {
            parts.append(", sampling ").append(megabytes(memory.sampling()));
        }
        return "%s takes about %s of memory: %s, activations %s, the program %s"
                .formatted(
                        stage,
                        megabytes(memory.whole()),
                        parts,
                        megabytes(memory.activations()),
                        megabytes(memory.program()));
    }

    /** The shape of the model that a stage that was looked at trains; empty where the files do not tell. */
    Optional<ModelConfig> shape(String stage) {
        return Optional.ofNullable(ofStages.get(stage));
    }

    /** What the training stages that were looked at take, by name. */
    Map<String, StageNeeds> needs() {
        return Map.copyOf(needs);
    }

    private Optional<ModelConfig> model(Record config, Set<String> earlier) {
        if (config instanceof PretrainConfig pretrain && pretrain.architecture().isPresent()) {
            return Optional.of(pretrain.architecture().get().shape((int) pretrain.tokenizer()
                    .flatMap(tokenizer -> tokenizer.vocabSize().map(Long::valueOf))
                    .orElse(UNKNOWN_VOCABULARY)
                    .longValue()));
        }
        if (!(ConfigInputs.of(config).get("model") instanceof ModelReference reference)) {
            return Optional.empty();
        }
        return model(reference, earlier);
    }

    /** The shape of a model that a config names; empty where the files do not tell. */
    private Optional<ModelConfig> model(ModelReference reference, Set<String> earlier) {
        String given = reference.given();
        String first = given.contains("/") ? given.substring(0, given.indexOf('/')) : given;
        if (earlier.contains(first) && ofStages.containsKey(first)) {
            return Optional.of(ofStages.get(first));
        }
        return Files.isRegularFile(reference.directory().resolve("config.json"))
                ? shape(reference.directory())
                : Optional.empty();
    }

    /** Of a model's folder; empty where it is wrong, which {@link ModelChecks} says. */
    private static Optional<ModelConfig> shape(Path folder) {
        try {
            return Optional.of(ModelConfig.from(ModelDirectory.open(folder).config()));
        } catch (UserError e) {
            return Optional.empty();
        }
    }

    private Optional<String> check(String stage, ModelConfig shape, Record config, ConfigValue.Entries keys) {
        ModelSize size = StageMemory.size(config, shape);
        Function<ConfigValue.Entries, StageMemory> memoryOf = settings ->
                StageMemory.of(config, shape, compute, settings, reference -> model(reference, ofStages.keySet()));
        StageMemory memory = memoryOf.apply(keys);
        long weights = memory.models();
        lines.add(line(stage, memory));
        if (size.largestMatrixBytes() > ModelSize.LARGEST_TENSOR_BYTES) {
            throw new UserError(stage + ": the model is too large: one of its matrices has "
                    + gigabytes(size.largestMatrixBytes()) + ", and one may have at most 2 GiB");
        }
        Fitting fitting = new Fitting(memoryOf, keys, size, memory);
        if (bound.isPresent() && memory.trained() > bound.getAsLong()) {
            throw new UserError(stage
                    + ": the model is too large to be trained here: weights, gradients and moments take "
                    + gigabytes(memory.trained()) + " of memory, and there are " + gigabytes(bound.getAsLong())
                    + fitting.advice(bound.getAsLong()));
        }
        if (bound.isPresent() && weights + memory.program() > bound.getAsLong()) {
            throw new UserError(stage + ": the models do not fit into memory: weights, gradients and moments take "
                    + gigabytes(memory.trained()) + ", other models " + gigabytes(memory.others()) + ", the program "
                    + gigabytes(memory.program()) + ", and there are " + gigabytes(bound.getAsLong())
                    + fitting.advice(bound.getAsLong()));
        }
        long given = StageMemory.number(keys, "micro_batch_tokens");
        long most = memory.rows();
        long activations = memory.activations() + memory.sampling();
        long length = StageMemory.number(keys, "max_length") > 0
                ? StageMemory.number(keys, "max_length")
                : shape.maxPositions();
        needs.put(stage, new StageNeeds(size.parameters(), memory.all(), tokens(keys, length), steps(keys)));
        if (given > 0 && most > size.largestRows()) {
            return Optional.of(
                    ("%s.micro_batch_tokens: %d rows at once make a tensor of more than 2 GiB, which ends the run where a batch has so many; "
                                    + "use at most %d")
                            .formatted(stage, given, size.largestRows()));
        }
        return bound.isPresent() && memory.whole() > bound.getAsLong()
                ? Optional.of(
                        "%s may take %s of memory (weights, gradients and moments %s, activations of %d rows and samples %s, the program %s), and there are %s%s"
                                .formatted(
                                        stage,
                                        gigabytes(memory.whole()),
                                        gigabytes(weights),
                                        most,
                                        gigabytes(activations),
                                        gigabytes(memory.program()),
                                        gigabytes(bound.getAsLong()),
                                        fitting.advice(bound.getAsLong())))
                : Optional.empty();
    }

    /** Tokens of a step: of a pair both responses. */
    private static long tokens(ConfigValue.Entries keys, long length) {
        long sampled = StageMemory.number(keys, "response_length");
        long perRow = sampled > 0
                ? Math.min(length, sampled + Math.max(1, StageMemory.number(keys, "max_prompt_length")))
                : length;
        return StageMemory.saturated(
                StageMemory.number(keys, "batch_size"), keys.entries().containsKey("beta") ? 2 * perRow : perRow);
    }

    /** Given, or as many as the limit of the rows gives. */
    private static OptionalLong steps(ConfigValue.Entries keys) {
        if (StageMemory.number(keys, "max_steps") > 0) {
            return OptionalLong.of(StageMemory.number(keys, "max_steps"));
        }
        long rows = keys.entries().get("dataset") instanceof ConfigValue.Entries dataset
                ? StageMemory.number(dataset, "limit")
                : 0;
        long batch = StageMemory.number(keys, "batch_size");
        return rows > 0 && batch > 0
                ? OptionalLong.of(
                        Math.max(1, StageMemory.number(keys, "num_train_epochs")) * ((rows + batch - 1) / batch))
                : OptionalLong.empty();
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,.0f MB", bytes / 1e6);
    }

    private static String gigabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
