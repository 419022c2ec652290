package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.parallel.DifferenceType;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.testing.PartsCheck;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stages dpo and kto in replicas and shards, on a random model of two layers. */
class PartsTest {
    private static final ReplicasConfig ONE = new ReplicasConfig(1, 1, 1, 0, DifferenceType.FLOAT32, 1);

    @TempDir
    Path folder;

    private StageHarness harness;

    @BeforeEach
    void aModel() {
        harness = new StageHarness(folder, new DpoModule());
        harness.model("start", TinyModel.llama());
    }

    private DpoConfigBuilder dpo(ReplicasConfig parts, TinyData data, String... losses) {
        return DpoConfig.builder(harness.model("start"), harness.data(data))
                .lossType(losses)
                .parts(parts)
                .training(keys -> keys.learningRate(3e-3)
                        .lrSchedulerType("constant")
                        .warmupSteps(0)
                        .batchSize(4)
                        .maxSteps(4)
                        .saveSteps(1)
                        .loggingSteps(1));
    }

    private KtoConfigBuilder kto(ReplicasConfig parts, KtoLossType loss) {
        return KtoConfig.builder(harness.model("start"), harness.data(TinyData.PAIRS))
                .lossType(loss)
                .beta(0.5)
                .undesirableWeight(1.5)
                .parts(parts)
                .training(keys -> keys.learningRate(3e-3)
                        .lrSchedulerType("constant")
                        .warmupSteps(0)
                        .batchSize(4)
                        .maxSteps(4)
                        .saveSteps(1)
                        .loggingSteps(1));
    }

    private <C extends Record> void holds(
            String name, Class<? extends Stage<C>> stage, Function<ReplicasConfig, C> config, String... metrics) {
        new PartsCheck<>(harness, stage, config).run(name, metrics);
    }

    @Test
    void aMixtureOfLossesWithKeysOfTheirOwn() {
        holds(
                "mixture",
                DpoTrainer.class,
                parts -> dpo(parts, TinyData.PAIRS, "ipo", "sigmoid")
                        .lossWeights(List.of(0.5, 2.0))
                        .set(PreferenceLosses.LABEL_SMOOTHING, 0.1)
                        .set(PreferenceLosses.IPO_LENGTH, IpoLength.SEQUENCE)
                        .set(PreferenceLosses.F_DIVERGENCE_TYPE, "alpha_divergence")
                        .set(PreferenceLosses.F_ALPHA_DIVERGENCE_COEF, 0.3)
                        .ldAlpha(0.5)
                        .build(),
                "loss",
                "grad_norm",
                "rewards/margins",
                "rewards/accuracies");
    }

    @Test
    void weightedPairsWithAnAdapterAndAReferenceThatIsAskedInTheStep() {
        UnaryOperator<DpoConfigBuilder> keys =
                usual -> usual.useWeighting(true).precomputeRefLogProbs(false).adapter(AdapterConfig.DEFAULT);
        holds(
                "adapter",
                DpoTrainer.class,
                parts -> keys.apply(dpo(parts, TinyData.PAIRS, "sigmoid")).build(),
                "loss",
                "grad_norm",
                "rewards/margins");
    }

    @Test
    void wholeRankings() {
        holds(
                "rankings",
                DpoTrainer.class,
                parts -> dpo(parts, TinyData.RANKINGS, "plackett_luce").build(),
                "loss",
                "grad_norm",
                "rewards/accuracies");
    }

    @Test
    void ktoWhoseReferencePointIsThePolicysOfEachStep() {
        holds(
                "kto",
                KtoTrainer.class,
                parts -> kto(parts, KtoLossType.KTO).build(),
                "loss",
                "grad_norm",
                "kl",
                "rewards/margins");
        holds(
                "apo",
                KtoTrainer.class,
                parts -> kto(parts, KtoLossType.APO_ZERO_UNPAIRED).build(),
                "loss",
                "grad_norm");
    }

    @Test
    void aLossOfAWholeBatchHasReplicasButNoShards() {
        holdsReplicas(
                dpo(ONE, TinyData.PAIRS, "aot").build(),
                dpo(ReplicasConfig.NONE, TinyData.PAIRS, "aot").build());
        LossSelection losses = new LossSelection(PreferenceLosses.builtIn());
        assertThatThrownBy(() -> losses.of(
                        dpo(ReplicasConfig.shards(2), TinyData.PAIRS, "aot").build()))
                .hasMessage(
                        "shards must be 1 with loss_type aot, whose loss is of the whole batch at once; replicas with"
                                + " local_steps go with it");
    }

    private void holdsReplicas(DpoConfig one, DpoConfig plain) {
        assertThat(harness.run("one", DpoTrainer.class, one).weights())
                .isEqualTo(harness.run("plain", DpoTrainer.class, plain).weights());
    }

    @Test
    void whatDoesNotGoTogetherIsALine() {
        LossSelection losses = new LossSelection(Map.of("mine", options -> new SigmoidLoss(options.beta())));
        assertThatThrownBy(() -> losses.of(
                        dpo(ReplicasConfig.shards(2), TinyData.PAIRS, "mine").build()))
                .hasMessageStartingWith(
                        "loss_type mine is not built in, so it does not go with local_steps or shards > 1");
        assertThatThrownBy(() -> dpo(ReplicasConfig.of(2, 2), TinyData.PAIRS, "sigmoid")
                        .precomputeRefLogProbs(false)
                        .syncRefModel(true)
                        .build())
                .hasMessageStartingWith("sync_ref_model must be false with local_steps");
        assertThatThrownBy(() ->
                        dpo(ReplicasConfig.shards(5), TinyData.PAIRS, "sigmoid").build())
                .hasMessageStartingWith("shards must be <= batch_size, which is 4");
    }
}
