package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.datasets.tokens.PackingStrategy;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import io.github.rlhf4j.sft.SftLossConfig.LossType;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses, noise and packing in whole stages; their values are held against TRL's in TrajectoriesTest. */
class SftLossTest {
    private TinySft tiny;

    @BeforeEach
    void aModel(@TempDir Path folder) {
        tiny = new TinySft(folder);
    }

    @Test
    void dynamicFineTuningWeighsATokenByItsProbability() {
        StageOutput nll = tiny.sft("nll", keys -> keys);
        StageOutput dft = tiny.sft("dft", keys -> keys.lossType(LossType.DFT));

        // nearly all tokens have p = 1/280 at the start, so the mean of p log p is 1/280 of the mean of log p
        double first = nll.metric("loss").get(0);
        assertThat(dft.metric("loss").get(0)).isCloseTo(first / 280, within(0.2 * first / 280));
        assertThat(dft.weights()).isNotEqualTo(nll.weights());
    }

    @Test
    void noiseIsTheSameInTwoRunsAndNotInEvaluations() {
        EvalDatasets rows = EvalDatasets.of(tiny.harness.data(TinyData.DEMONSTRATIONS));

        StageOutput noisy =
                tiny.sft("noisy", keys -> oneStep(keys).neftuneNoiseAlpha(20).data(data -> data.evalDataset(rows)));
        StageOutput again =
                tiny.sft("again", keys -> oneStep(keys).neftuneNoiseAlpha(20).data(data -> data.evalDataset(rows)));
        StageOutput still = tiny.sft("still", SftLossTest::oneStep);
        StageOutput next = tiny.sft("next", "noisy", SftLossTest::oneStep);

        assertThat(again.weights()).isEqualTo(noisy.weights());
        assertThat(noisy.metric("loss").get(0))
                .isNotCloseTo(still.metric("loss").get(0), within(1e-3));
        assertThat(noisy.metric("eval_loss").get(0))
                .isCloseTo(next.metric("loss").get(0), within(1e-5));
    }

    private static SftConfigBuilder oneStep(SftConfigBuilder keys) {
        return keys.training(training -> training.maxSteps(1).batchSize(24)); // all rows
    }

    @Test
    void packedSequencesDoNotSeeEachOther() {
        StageOutput alone = tiny.sft("alone", SftLossTest::allInOrder);
        StageOutput together = tiny.sft("together", keys -> allInOrder(keys).packing(true));

        assertThat(tiny.harness.said())
                .anyMatch(line -> line.matches("\\[together] dataset: ([1-9]|1[0-2]) examples.*"));
        for (int step = 0; step < 2; step++) {
            assertThat(together.metric("loss").get(step))
                    .isCloseTo(alone.metric("loss").get(step), within(1e-6));
            assertThat(together.metric("grad_norm").get(step))
                    .isCloseTo(alone.metric("grad_norm").get(step), within(1e-5));
        }
        assertThat(together.metric("num_tokens")).isEqualTo(alone.metric("num_tokens"));
    }

    private static SftConfigBuilder allInOrder(SftConfigBuilder keys) {
        return keys.data(data -> data.maxLength(64))
                .training(training -> training.maxSteps(2).batchSize(24).shuffle(false));
    }

    @Test
    void evaluationDataArePackedOnlyWhereAsked() {
        EvalDatasets rows = EvalDatasets.of(tiny.harness.data(TinyData.DEMONSTRATIONS));
        StageOutput both =
                tiny.sft("both", keys -> allInOrder(keys).packing(true).data(data -> data.evalDataset(rows)));
        StageOutput training = tiny.sft(
                "training",
                keys -> allInOrder(keys).packing(true).evalPacking(false).data(data -> data.evalDataset(rows)));

        assertThat(tiny.harness.said())
                .anyMatch(line -> line.matches("\\[both] eval_dataset: ([1-9]|1[0-2]) examples.*"))
                .noneMatch(line -> line.matches("\\[training] eval_dataset: ([1-9]|1[0-2]) examples.*"));
        assertThat(training.metric("eval_loss").get(0))
                .isCloseTo(both.metric("eval_loss").get(0), within(1e-6));
    }

    @Test
    void aPackedRunResumesAsIfItHadNotStopped() {
        SftConfig config = tiny.config(
                "start",
                keys -> keys.packing(true)
                        .packingStrategy(PackingStrategy.WRAPPED)
                        .training(training -> training.batchSize(2).maxSteps(6).saveSteps(2)));
        StageOutput unbroken = tiny.harness.run("unbroken", SftTrainer.class, config);
        tiny.harness.killAfter(5, "broken", SftTrainer.class, config);

        assertThat(tiny.harness.resume("broken", SftTrainer.class, config).weights())
                .isEqualTo(unbroken.weights());
    }
}
