package io.github.rlhf4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.bestofn.BestOfNConfig;
import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.KeyValueCache;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.parallel.DifferenceType;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.distill.DistillConfig;
import io.github.rlhf4j.dpo.OnlineDpoConfig;
import io.github.rlhf4j.grpo.GrpoConfig;
import io.github.rlhf4j.grpo.RlooConfig;
import io.github.rlhf4j.judge.JudgeConfig;
import io.github.rlhf4j.judge.LocalConfig;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.Origin;
import io.github.rlhf4j.ppo.PpoConfig;
import io.github.rlhf4j.rlaif.JudgingConfig;
import io.github.rlhf4j.rollout.RewardEntry;
import io.github.rlhf4j.sft.SftConfig;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which models a stage has at once, by their weights. */
class StageMemoryTest {
    private static final ModelConfig SHAPE = ModelConfig.llama(100, 64, 128, 2, 4, 4, 256, true);
    private static final ModelConfig LARGER = ModelConfig.llama(100, 128, 256, 4, 4, 4, 256, true);
    private static final ModelReference MODEL = new ModelReference("m", Path.of("m"));
    private static final ModelReference OTHER = new ModelReference("o", Path.of("o"));
    private static final DatasetSpec ROWS = DatasetSpec.of("rows.jsonl");

    @TempDir
    private Path folder;

    private static StageMemory of(Record config, String... keys) {
        Map<String, ConfigValue> values = new LinkedHashMap<>();
        for (String key : keys) {
            String[] parts = key.split("=");
            values.put(parts[0], new ConfigValue.Scalar(parts[1], false, Origin.RUN_SEED));
        }
        return StageMemory.of(
                config,
                SHAPE,
                Compute.FLOAT32,
                new ConfigValue.Entries(values, Origin.RUN_SEED),
                model -> Optional.of(model.equals(OTHER) ? LARGER : SHAPE));
    }

    private static long weights(ModelConfig shape) {
        return StageMemory.size(DistillConfig.builder(MODEL, MODEL, ROWS).build(), shape)
                .weightBytes();
    }

    @Test
    void theTeacherOfADistillationIsBesideTheStudent() {
        StageMemory memory =
                of(DistillConfig.builder(MODEL, OTHER, ROWS).build(), "batch_size=4", "lmbda=0.5", "max_new_tokens=16");

        assertThat(memory.trained()).isEqualTo(4 * weights(SHAPE));
        assertThat(memory.others()).isEqualTo(weights(LARGER));
        assertThat(memory.sampling()).isPositive();
        assertThat(of(DistillConfig.builder(MODEL, OTHER, ROWS).build(), "lmbda=0", "max_new_tokens=16")
                        .sampling())
                .isZero();
    }

    @Test
    void replicasAndShardsTakeWhatTheyStartFromAndAddUp() {
        long each = weights(SHAPE);
        SftConfig plain = SftConfig.builder(MODEL, ROWS).build();
        // the model of the driver, outer momentum; with int8 what rounding has lost
        ReplicasConfig rounded = new ReplicasConfig(4, 10, 0.7, 0.9, DifferenceType.INT8, 1);

        assertThat(of(plain).trained()).isEqualTo(4 * each);
        assertThat(of(plain.toBuilder().parts(ReplicasConfig.of(4, 10)).build()).trained())
                .isEqualTo(6 * each);
        assertThat(of(plain.toBuilder().parts(rounded).build()).trained()).isEqualTo(7 * each);
        assertThat(of(plain.toBuilder().parts(ReplicasConfig.shards(8)).build()).trained())
                .isEqualTo(7 * each); // a sum for each of three levels
    }

    @Test
    void onlineDpoHasItsReferenceAndRewardModels() {
        StageMemory memory = of(
                OnlineDpoConfig.builder(MODEL, ROWS)
                        .rewards(RewardEntry.model(OTHER, OTHER))
                        .build(),
                "batch_size=4",
                "max_new_tokens=16");

        assertThat(memory.others()).isEqualTo(weights(SHAPE) + 2 * weights(LARGER));
    }

    /** Which copy of the weights a sampler holds is all that the key changes: int8 has about a quarter of float32's bytes. */
    @Test
    void aSamplerHoldsItsWeightsInTheFormThatIsAskedFor() {
        ModelSize size =
                StageMemory.size(DistillConfig.builder(MODEL, MODEL, ROWS).build(), SHAPE);
        long saved = size.packedBytes(WeightType.FLOAT32) - size.packedBytes(WeightType.INT8);
        List<Record> configs = List.of(
                RlooConfig.builder(MODEL, ROWS).rewardFunction("length").build(),
                OnlineDpoConfig.builder(MODEL, ROWS).rewardFunction("length").build(),
                BestOfNConfig.builder(MODEL, ROWS).rewardFunction("length").build());

        assertThat(saved).isGreaterThan(weights(SHAPE) / 2);
        for (Record config : configs) {
            StageMemory plain = of(config, "num_generations=4", "beta=0", "rollout_weights=float32");
            StageMemory rounded = of(config, "num_generations=4", "beta=0", "rollout_weights=int8");
            assertThat(rounded.sampling()).isEqualTo(plain.sampling() - saved);
            assertThat(rounded.models()).isEqualTo(plain.models());
        }
    }

    @Test
    void ppoHasFourModelsAndWithAnAdapterOne() {
        PpoConfig whole = PpoConfig.builder(MODEL, ROWS).rewardModel(OTHER).build();
        PpoConfig adapted = PpoConfig.builder(MODEL, ROWS)
                .rewardFunction("length")
                .adapter(new AdapterConfig(OptionalInt.of(2), OptionalDouble.empty(), Optional.empty(), List.of()))
                .build();

        assertThat(of(whole).trained())
                .isEqualTo(8 * weights(SHAPE) + 4 * 4 * 64); // and the value model's head, C weights
        assertThat(of(whole).others()).isEqualTo(weights(SHAPE) + weights(LARGER));
        assertThat(of(whole, "value=shared").trained()).isEqualTo(4 * weights(SHAPE));
        assertThat(of(adapted).trained()).isBetween(weights(SHAPE), 2 * weights(SHAPE));
        assertThat(of(adapted).others()).isZero();
        assertThat(of(adapted).activations()) // the value model's pass is kept beside the policy's; it has no logits
                .isBetween(
                        3 * of(adapted, "value=shared").activations() / 2,
                        2 * of(adapted, "value=shared").activations() - 1);
    }

    @Test
    void aReferenceIsThereWhereItIsAskedAndNothingHasGradientsWhereNothingIsTrained() {
        GrpoConfig grpo =
                GrpoConfig.builder(MODEL, ROWS).rewardFunction("length").build();
        BestOfNConfig best = BestOfNConfig.builder(MODEL, ROWS)
                .rewards(RewardEntry.model(OTHER))
                .build();

        assertThat(of(grpo, "beta=0").others()).isZero();
        assertThat(of(grpo, "beta=0.04").others()).isEqualTo(weights(SHAPE));
        assertThat(of(best, "num_generations=4").trained()).isEqualTo(weights(SHAPE));
        assertThat(of(best, "num_generations=4").others()).isEqualTo(weights(LARGER));
    }

    @Test
    void aStageThatOnlyJudgesHasItsModelsAndWhatSamplingTakes() {
        JudgingConfig config = JudgingConfig.builder(MODEL, ROWS, JudgeConfig.of(LocalConfig.of(OTHER)))
                .build();
        StageMemory memory = StageMemory.ofUntrained(
                        config,
                        Compute.FLOAT32,
                        new ConfigValue.Entries(Map.of(), Origin.RUN_SEED),
                        model -> Optional.of(model.equals(OTHER) ? LARGER : SHAPE))
                .orElseThrow();

        assertThat(memory.models()).isEqualTo(weights(SHAPE) + weights(LARGER));
        assertThat(memory.program())
                .isEqualTo(ModelSize.PROGRAM_BYTES + 2 * 1700 * 100); // two tokenizers of 100 tokens
        assertThat(memory.sampling()).isPositive();
        assertThat(memory.activations()).isPositive();
    }

    @Test
    void cachedKeysAndValuesOnTheHeapMakeItsRoomForNewObjectsLarger() {
        GrpoConfig config =
                GrpoConfig.builder(MODEL, ROWS).rewardFunction("length").build();
        String[] keys = {"batch_size=8", "max_prompt_length=32", "max_completion_length=32"};
        long two = of(config, keys[0], keys[1], keys[2], "num_generations=2").sampling();
        long four = of(config, keys[0], keys[1], keys[2], "num_generations=4").sampling();

        // 16 sequences more: keys and values of 64 tokens in 2 layers, 64 floats each, and 4/5 of that; logits and a
        // state for each
        assertThat(four - two).isEqualTo(16 * (64 * 2 * 2 * 64 * 4L) * 9 / 5 + 16 * (100 + 64) * 4);
        long most = Runtime.getRuntime().maxMemory();
        assertThat(KeyValueCache.residentBytes(most)).isEqualTo(most); // that is not on the heap
    }

    @Test
    void weightsAreTransposedWhereAStepHasManyRows() {
        ModelSize size =
                StageMemory.size(DistillConfig.builder(MODEL, MODEL, ROWS).build(), SHAPE);

        assertThat(size.replicaBytes(2, ModelSize.TRANSPOSED_FROM - 1)).isEqualTo(size.replicaBytes(2) / 2);
        assertThat(size.replicaBytes(2, ModelSize.TRANSPOSED_FROM)).isEqualTo(size.replicaBytes(2));
    }

    @Test
    void theWarningOfAStageThatOnlyAnswersAddsUp() {
        TinyModel.llama().write(folder);
        ModelReference model = new ModelReference("m", folder);
        JudgingConfig config = JudgingConfig.builder(model, ROWS, JudgeConfig.of(LocalConfig.of(model)))
                .build();
        ConfigValue.Entries keys = new ConfigValue.Entries(Map.of(), Origin.RUN_SEED);
        MemoryCheck unbounded = new MemoryCheck(OptionalLong.empty(), Compute.FLOAT32);
        assertThat(unbounded.check("judge", config, keys, Set.of())).isEmpty();
        assertThat(sums(unbounded.lines().get(0), "MB")).isCloseTo(0, within(2.0));

        String warning = new MemoryCheck(OptionalLong.of(ModelSize.PROGRAM_BYTES + 3_000_000), Compute.FLOAT32)
                .check("judge", config, keys, Set.of())
                .orElseThrow();
        assertThat(sums(warning, "GB")).isCloseTo(0, within(0.16));
    }

    /** The first figure less the next three. */
    private static double sums(String text, String unit) {
        List<Double> figures = Pattern.compile("([0-9.,]+) " + unit)
                .matcher(text)
                .results()
                .map(figure -> Double.parseDouble(figure.group(1).replace(",", "")))
                .toList();
        return figures.get(0) - figures.get(1) - figures.get(2) - figures.get(3);
    }

    private static String advice(ModelConfig shape, long bound, String... keys) {
        Map<String, ConfigValue> values = new LinkedHashMap<>();
        for (String key : keys) {
            String[] parts = key.split("=");
            values.put(parts[0], new ConfigValue.Scalar(parts[1], false, Origin.RUN_SEED));
        }
        ConfigValue.Entries given = new ConfigValue.Entries(values, Origin.RUN_SEED);
        GrpoConfig config =
                GrpoConfig.builder(MODEL, ROWS).rewardFunction("length").build();
        return new Fitting(
                        changed -> StageMemory.of(config, shape, Compute.FLOAT32, changed, model -> Optional.empty()),
                        given,
                        StageMemory.size(config, shape),
                        StageMemory.of(config, shape, Compute.FLOAT32, given, model -> Optional.empty()))
                .advice(bound);
    }

    @Test
    void theSettingsThatFitAreSaidThoseThatChangeNoResultFirst() {
        ModelConfig shape = ModelConfig.llama(1000, 512, 1024, 8, 8, 8, 8192, true);
        String[] keys = {"batch_size=64", "micro_batch_tokens=8192", "beta=0"};
        long weights = StageMemory.size(
                        DistillConfig.builder(MODEL, MODEL, ROWS).build(), shape)
                .weightBytes();
        long program = new ModelSize(shape, Set.of(Head.LANGUAGE), DataType.FLOAT).programBytes();

        assertThat(advice(shape, program + 4 * weights + 900_000_000, keys))
                .startsWith("; this fits: micro_batch_tokens: ");
        assertThat(advice(shape, program + 4 * weights + 16_000_000, keys))
                .startsWith("; this fits: gradient_checkpointing: true with micro_batch_tokens: ");
        assertThat(advice(shape, program + 2 * weights, keys))
                .isEqualTo("; no setting of this model fits: take a smaller one");
    }
}
