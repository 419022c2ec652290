package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole stage on a random model of two layers; TRL's own steps are in pipeline's TrajectoriesTest. */
class KtoTrainerTest {
    @TempDir
    Path folder;

    private StageHarness harness;
    private ModelReference model;
    private DatasetSpec pairs;

    @BeforeEach
    void makeModelAndPairs() {
        harness = new StageHarness(folder, new DpoModule());
        model = harness.model("start", TinyModel.llama());
        pairs = harness.data(TinyData.PAIRS);
    }

    @ParameterizedTest
    @EnumSource(KtoLossType.class)
    void learnsWhichResponsesAreDesirable(KtoLossType loss) {
        StageOutput lines = run("kto", kto(40, loss).data(keys -> keys.evalFraction(0.3)));

        assertThat(lines.metric("loss").get(0)).isCloseTo(0.5, within(1e-5));
        assertThat(lines.metric("loss").get(39)).isLessThan(0.3);
        assertThat(lines.metric("eval_rewards/margins").get(0)).isGreaterThan(1);
    }

    @ParameterizedTest
    @EnumSource(KtoLossType.class)
    void theReferenceAskedBeforehandSaysWhatItSaysInTheStep(KtoLossType loss) {
        KtoConfigBuilder inOrder = kto(8, loss).training(keys -> keys.shuffle(false));
        StageOutput within = run("within", inOrder);
        StageOutput before = run("before", inOrder.precomputeRefLogProbs(true));

        for (String metric : List.of("loss", "kl", "grad_norm")) {
            for (int i = 0; i < 8; i++) {
                assertThat(within.metric(metric).get(i))
                        .isCloseTo(before.metric(metric).get(i), within(1e-5));
            }
        }
        // what both share, which response is the mismatched one, is in MismatchedResponsesTest and TRL's kto_pairs
        assertThat(before.metric("kl")).anySatisfy(kl -> assertThat(kl > 0.1).isEqualTo(loss == KtoLossType.KTO));
    }

    @Test
    void trainsTheSameHoweverAStepIsCut() {
        StageOutput whole = run("whole", kto(4, KtoLossType.KTO));
        StageOutput cut = run("cut", kto(4, KtoLossType.KTO).training(keys -> keys.microBatchTokens(40)));

        for (String metric : List.of("loss", "grad_norm", "kl", "rewards/margins", "logits/chosen")) {
            for (int i = 0; i < whole.metric(metric).size(); i++) {
                assertThat(cut.metric(metric).get(i))
                        .isCloseTo(whole.metric(metric).get(i), within(1e-4));
            }
        }
    }

    @Test
    void aResumedRunIsTheRunThatWasNeverStopped() {
        KtoConfig following = kto(6, KtoLossType.KTO)
                .syncRefModel(true)
                .refModelMixupAlpha(1)
                .refModelSyncSteps(1)
                .training(keys -> keys.saveSteps(3))
                .build();
        StageOutput unbroken = harness.run("unbroken", KtoTrainer.class, following);
        harness.killAfter(4, "broken", KtoTrainer.class, following);
        StageOutput resumed = harness.resume("broken", KtoTrainer.class, following);

        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
    }

    @Test
    void refusesAnEstimateOfTheDivergenceThatItsDataCannotGive() {
        assertThatThrownBy(() ->
                        kto(1, KtoLossType.KTO).precomputeRefLogProbs(true).build())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("precompute_ref_log_probs must be false with loss_type: kto and shuffle: true");
    }

    /** Of both responses of each pair, one desirable, the other not. */
    private KtoConfigBuilder kto(long steps, KtoLossType loss) {
        return KtoConfig.builder(model, pairs)
                .lossType(loss)
                .beta(0.5)
                .training(keys -> keys.learningRate(3e-3)
                        .lrSchedulerType("constant")
                        .warmupSteps(0)
                        .batchSize(4)
                        .maxSteps(steps)
                        .loggingSteps(1));
    }

    private StageOutput run(String name, KtoConfigBuilder config) {
        return harness.run(name, KtoTrainer.class, config.build());
    }
}
