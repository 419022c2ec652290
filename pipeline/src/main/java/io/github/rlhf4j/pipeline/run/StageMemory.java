package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.bestofn.BestOfNConfig;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.GenerationLimits;
import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.KeyValueCache;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.parallel.DifferenceType;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.TrainedInParts;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.dpo.DpoConfig;
import io.github.rlhf4j.dpo.KtoConfig;
import io.github.rlhf4j.dpo.OnlineDpoConfig;
import io.github.rlhf4j.evaluation.EvaluateConfig;
import io.github.rlhf4j.grpo.GrpoConfig;
import io.github.rlhf4j.grpo.RlooConfig;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.ppo.PpoConfig;
import io.github.rlhf4j.reward.RewardConfig;
import io.github.rlhf4j.reward.process.ProcessRewardConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Native memory that a training stage takes, about, in bytes.
 *
 * @param program the JVM, libraries and tokenizers
 * @param trained weights, gradients and moments of what is trained; the weights alone where nothing is
 * @param others weights of the models beside it: reference, value, reward models, teacher
 * @param sampling the copy of the weights that generation works with, cached keys and values, and its buffers; 0 where nothing is sampled
 * @param rows of the largest micro-batch
 * @param activations of so many rows, of all models, with what replicas of small models take
 */
record StageMemory(long program, long trained, long others, long sampling, long rows, long activations) {
    private static final int NUMBERS_OF_A_WEIGHT = 4; // itself, its gradient and two moments
    private static final Set<Head> LANGUAGE = Set.of(Head.LANGUAGE);
    private static final int USUAL_PROMPT = 256; // tokens, where no key bounds it
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    /** All models, whatever is computed with them. */
    long models() {
        return trained + others;
    }

    /** All of it but the program. */
    long all() {
        return trained + others + sampling + activations;
    }

    /** All of it. */
    long whole() {
        return program + all();
    }

    /** Of a stage whose model has that size. */
    static StageMemory of(
            Record config,
            ModelConfig shape,
            Compute compute,
            ConfigValue.Entries keys,
            Function<ModelReference, Optional<ModelConfig>> shapes) {
        return new Sum(config, shape, compute, keys, shapes).memory();
    }

    /** Of a stage that trains nothing, but answers, judges or measures with models that it names; empty where no file tells their shapes. */
    static Optional<StageMemory> ofUntrained(
            Record config,
            Compute compute,
            ConfigValue.Entries keys,
            Function<ModelReference, Optional<ModelConfig>> shapes) {
        List<ModelSize> models = new ArrayList<>();
        ConfigInputs.of(config).values().forEach(value -> {
            if (value instanceof ModelReference model) {
                shapes.apply(model).ifPresent(shape -> models.add(new ModelSize(shape, LANGUAGE, DataType.FLOAT)));
            }
        });
        if (models.isEmpty()) {
            return Optional.empty();
        }
        ModelSize largest = Collections.max(models, Comparator.comparingLong(ModelSize::weightBytes));
        long all = models.stream().mapToLong(ModelSize::weightBytes).sum();
        boolean isOneAfterAnother = config instanceof EvaluateConfig && models.size() > 2;
        long weights = isOneAfterAnother ? 2 * largest.weightBytes() : all; // beside the baseline one model at a time
        long answer = Math.max(1, number(keys, "max_new_tokens"));
        long given = number(keys, "max_prompt_length");
        long length = Math.min(largest.config().maxPositions(), answer + (given > 0 ? given : USUAL_PROMPT));
        GenerationLimits limits = GenerationLimits.DEFAULT;
        long batch = number(keys, "batch_size");
        long sequences = Math.min(
                limits.sequences(),
                batch > 0 ? saturated(batch, Math.max(1, number(keys, "num_generations"))) : limits.sequences());
        long sampling = largest.packedBytes()
                + Math.min(saturated(largest.cacheBytes((int) length), sequences), limits.cacheBytes())
                + largest.decodingBytes(limits.prefillTokens(), (int) sequences);
        int rows = OptimizerSettings.defaultMicroBatchTokens(largest, compute);
        return Optional.of(new StageMemory(
                ModelSize.PROGRAM_BYTES
                        + models.stream().mapToLong(ModelSize::tokenizerBytes).sum(),
                largest.weightBytes(),
                weights - largest.weightBytes(),
                sampling,
                rows,
                largest.activationBytes(rows, false, false)));
    }

    /** How the model that is trained is held. */
    static ModelSize size(Record config, ModelConfig shape) {
        WeightType weights =
                ConfigInputs.tuning(config).map(TuningConfig::weights).orElse(WeightType.FLOAT32);
        return new ModelSize(shape, heads(config), DataType.FLOAT, weights);
    }

    private static Set<Head> heads(Record config) {
        if (config instanceof RewardConfig) {
            return Set.of(Head.SCALAR);
        }
        return config instanceof ProcessRewardConfig ? Set.of(Head.LABELS) : LANGUAGE;
    }

    /** A whole number of a stage's keys; 0 where it has none. */
    static long number(ConfigValue.Entries keys, String key) {
        return keys.entries().get(key) instanceof ConfigValue.Scalar scalar
                        && scalar.text().matches("[0-9]{1,18}")
                ? Long.parseLong(scalar.text())
                : 0;
    }

    /** The product, or the largest number where it is more. */
    static long saturated(long a, long b) {
        long product = a * b;
        return a != 0 && (product / a != b || product < 0) ? Long.MAX_VALUE : product;
    }

    /** A stage's models, one after the other. */
    private static final class Sum {
        private final Record config;
        private final Compute compute;
        private final ConfigValue.Entries keys;
        private final Function<ModelReference, Optional<ModelConfig>> shapes;
        private final ModelSize size;
        private final boolean isAdapter;
        private final Map<String, Object> inputs;

        Sum(
                Record config,
                ModelConfig shape,
                Compute compute,
                ConfigValue.Entries keys,
                Function<ModelReference, Optional<ModelConfig>> shapes) {
            this.config = config;
            this.compute = compute;
            this.keys = keys;
            this.shapes = shapes;
            size = size(config, shape);
            isAdapter = ConfigInputs.trainsAdapter(config);
            inputs = ConfigInputs.of(config);
        }

        StageMemory memory() {
            boolean isUntrained =
                    config instanceof BestOfNConfig best && best.rounds().rounds() == 0;
            long trained = isUntrained ? size.weightBytes() : trained(size);
            trained += parts();
            Optional<ModelSize> value = config instanceof PpoConfig
                            && !text("value").equals("shared")
                    ? Optional.of(new ModelSize(size.config(), Set.of(Head.SCALAR), size.type(), size.weights()))
                    : Optional.empty();
            trained += value.map(of -> isAdapter ? NUMBERS_OF_A_WEIGHT * adapterBytes(of) : trained(of))
                    .orElse(0L);
            long rows = rows();
            long activations = passes(size, rows, !isUntrained)
                    + value.map(of -> passes(of, rows, true)).orElse(0L);
            Others others = others(rows);
            return new StageMemory(
                    size.programBytes(), trained, others.weights, sampling(), rows, activations + others.activations);
        }

        /** Activations, and what replicas take. */
        private long passes(ModelSize of, long rows, boolean isTrained) {
            long activations =
                    of.activationBytes((int) Math.min(Integer.MAX_VALUE / 2, rows), isTrained, isCheckpointing());
            return activations + (!isTrained || isAdapter ? 0 : of.replicaBytes(PROCESSORS, rowsOfStep()));
        }

        /** What replicas, or shards, take besides one model that is trained: the model that they start from, outer momentum, what rounding has lost; a sum for each level of the tree of shards. */
        private long parts() {
            ReplicasConfig parts = config instanceof TrainedInParts trained ? trained.parts() : ReplicasConfig.NONE;
            long each = isAdapter ? adapterBytes(size) : size.weightBytes();
            if (!parts.hasOuterStep()) {
                return each * (Integer.SIZE - Integer.numberOfLeadingZeros(parts.shards() - 1));
            }
            int more =
                    (parts.outerMomentum() > 0 ? 1 : 0) + (parts.differenceDtype() == DifferenceType.FLOAT32 ? 0 : 1);
            return size.weightBytes() + each * more;
        }

        /** With an adapter the weights stay as they are, and it alone has gradients and moments. */
        private long trained(ModelSize of) {
            return isAdapter
                    ? of.weightBytes() + NUMBERS_OF_A_WEIGHT * adapterBytes(of)
                    : NUMBERS_OF_A_WEIGHT * of.weightBytes();
        }

        /** Of a new adapter; one that is trained further is small beside the model. What it cannot be on, {@link AdapterCheck} says. */
        private long adapterBytes(ModelSize of) {
            try {
                return ConfigInputs.tuning(config)
                        .flatMap(TuningConfig::adapter)
                        .map(adapter ->
                                of.adapterParameters(adapter.lora()) * of.type().bytes())
                        .orElse(0L);
            } catch (UserError e) {
                return 0;
            }
        }

        private static final class Others {
            private long weights;
            private long activations;

            void add(ModelSize of, long rows, Compute compute) {
                weights += of.weightBytes();
                activations += of.activationBytes(
                        (int) Math.min(rows, OptimizerSettings.defaultMicroBatchTokens(of, compute)), false, false);
            }
        }

        private Others others(long rows) {
            Others others = new Others();
            inputs.forEach((key, value) -> {
                if (value instanceof ModelReference model
                        && !key.equals("model")
                        && !key.equals("value_model")
                        && !isOnBase(model)) {
                    shapes.apply(model).ifPresent(shape -> others.add(frozen(shape), rows, compute));
                }
            });
            if (hasReferenceOfItsOwn() && !inputs.containsKey("ref_model") && !isAdapter) {
                others.add(frozen(size.config()), rows, compute);
            }
            return others;
        }

        private static ModelSize frozen(ModelConfig shape) {
            return new ModelSize(shape, LANGUAGE, DataType.FLOAT);
        }

        /** Whether it shares the matrices of the model whose adapter is trained. */
        private boolean isOnBase(ModelReference model) {
            return isAdapter
                    && inputs.get("model") instanceof ModelReference trained
                    && trained.directory().equals(model.directory());
        }

        /** Whether the model as it was is a second model, which nothing names. */
        private boolean hasReferenceOfItsOwn() {
            boolean isInTheStep = config instanceof PpoConfig || config instanceof OnlineDpoConfig;
            boolean isPriced = config instanceof GrpoConfig || config instanceof RlooConfig;
            boolean isAsked = keys.entries().get("precompute_ref_log_probs") instanceof ConfigValue.Scalar scalar
                    && scalar.text().equals("false");
            return isInTheStep || isAsked || isPriced && !text("beta").matches("0+(\\.0*)?");
        }

        private boolean isCheckpointing() {
            return text("gradient_checkpointing").equals("true");
        }

        private long rowsOfStep() {
            return saturated(Math.max(1, number("batch_size")), rowsOfExample());
        }

        /** At most: two responses to one prompt, or many, have its rows in common, which is about half of a pair's sequence. */
        private long rowsOfExample() {
            long prompt = number("max_prompt_length");
            if (responses() > 1 && prompt > 0 && prompt < length()) {
                return prompt + saturated(responses(), length() - prompt);
            }
            boolean isPair =
                    config instanceof DpoConfig || config instanceof KtoConfig || config instanceof RewardConfig;
            return isPair ? length() / 2 * 3 : saturated(Math.max(1, responses()), length());
        }

        /** Rows of the largest micro-batch, as far as no example is longer than that. */
        private long rows() {
            long given = number("micro_batch_tokens");
            long rows = given > 0 ? given : OptimizerSettings.defaultMicroBatchTokens(size, compute);
            return Math.min(rows, rowsOfStep());
        }

        /** Responses to a prompt; 0 where none is sampled. */
        private long responses() {
            if (config instanceof OnlineDpoConfig) {
                return 2;
            }
            boolean isDistilled = number("max_new_tokens") > 0
                    && !text("lmbda").isEmpty()
                    && !text("lmbda").matches("0+(\\.0*)?");
            return config instanceof PpoConfig || isDistilled ? 1 : number("num_generations");
        }

        private long length() {
            int context = size.config().maxPositions();
            long response = Math.max(
                    number("response_length"), Math.max(number("max_completion_length"), number("max_new_tokens")));
            long prompt = number("max_prompt_length");
            if (response > 0 && prompt > 0) {
                return Math.min(context, prompt + response);
            }
            return number("max_length") > 0 ? Math.min(context, number("max_length")) : context;
        }

        private long sampling() {
            if (responses() == 0) {
                return 0;
            }
            GenerationLimits limits = GenerationLimits.DEFAULT;
            long sequences = Math.min(limits.sequences(), saturated(responses(), Math.max(1, number("batch_size"))));
            long cache = saturated(size.cacheBytes((int) length()), sequences);
            String weights = text("rollout_weights").toUpperCase(Locale.ROOT);
            return size.packedBytes(weights.isEmpty() ? WeightType.FLOAT32 : WeightType.valueOf(weights))
                    + KeyValueCache.residentBytes(Math.min(cache, limits.cacheBytes()))
                    + size.decodingBytes(limits.prefillTokens(), (int) sequences);
        }

        private String text(String key) {
            return keys.entries().get(key) instanceof ConfigValue.Scalar scalar ? scalar.text() : "";
        }

        private long number(String key) {
            return StageMemory.number(keys, key);
        }
    }
}
