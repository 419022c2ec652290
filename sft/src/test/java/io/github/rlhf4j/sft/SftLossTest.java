package io.github.rlhf4j.sft;

import static io.github.rlhf4j.sft.TinySft.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.datasets.tokens.PackingStrategy;
import io.github.rlhf4j.sft.SftLossConfig.LossType;
import io.github.rlhf4j.sft.TinySft.Keys;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Losses, noise and packing in whole stages; their values are held against TRL's in TrajectoriesTest. */
class SftLossTest {
    private TinySft tiny;

    @BeforeEach
    void aModel(@TempDir Path folder) {
        tiny = new TinySft(folder);
        tiny.pretrain("pretrain", 1);
    }

    @Test
    void dynamicFineTuningWeighsATokenByItsProbability() {
        List<String> nll = tiny.sft("nll", "pretrain", new Keys());
        List<String> dft = tiny.sft("dft", "pretrain", keys(new SftLossConfig(LossType.DFT, 0, 0, 0)));

        // nearly all tokens have p = 1/270 at the start, so the mean of p log p is 1/270 of the mean of log p
        double first = metric(nll, "loss").get(0);
        assertThat(metric(dft, "loss").get(0)).isCloseTo(first / 270, within(0.2 * first / 270));
        assertThat(tiny.weights("dft")).isNotEqualTo(tiny.weights("nll"));
    }

    @Test
    void noiseIsTheSameInTwoRunsAndNotInEvaluations() {
        Keys keys = keys(new SftLossConfig(LossType.NLL, 0, 20, 0));
        keys.evalDataset = Optional.of("rows");
        keys.batchSize = 24; // all rows in a step
        keys.steps = 1;
        Keys none = new Keys();
        none.batchSize = 24;
        none.steps = 1;

        List<String> noisy = tiny.sft("noisy", "pretrain", keys);
        tiny.sft("again", "pretrain", keys);
        List<String> still = tiny.sft("still", "pretrain", none);
        List<String> next = tiny.sft("next", "noisy", none);

        assertThat(tiny.weights("again")).isEqualTo(tiny.weights("noisy"));
        assertThat(metric(noisy, "loss").get(0))
                .isNotCloseTo(metric(still, "loss").get(0), within(1e-3));
        assertThat(metric(noisy, "eval_loss").get(0))
                .isCloseTo(metric(next, "loss").get(0), within(1e-5));
    }

    @Test
    void packedSequencesDoNotSeeEachOther() {
        Keys single = new Keys();
        single.shuffle = false;
        single.batchSize = 24; // all rows in a step
        single.steps = 2;
        Keys packed = new Keys();
        packed.shuffle = false;
        packed.batchSize = 24;
        packed.steps = 2;
        packed.packing = new PackingConfig(true, PackingStrategy.BFD, Optional.empty());

        List<String> alone = tiny.sft("alone", "pretrain", single);
        List<String> together = tiny.sft("together", "pretrain", packed);

        assertThat(tiny.lines).anyMatch(line -> line.startsWith("[together] dataset: 12 examples"));
        for (int step = 0; step < 2; step++) {
            assertThat(metric(together, "loss").get(step))
                    .isCloseTo(metric(alone, "loss").get(step), within(1e-6));
            assertThat(metric(together, "grad_norm").get(step))
                    .isCloseTo(metric(alone, "grad_norm").get(step), within(1e-5));
        }
        assertThat(metric(together, "num_tokens")).isEqualTo(metric(alone, "num_tokens"));
    }

    @Test
    void aPackedRunResumesAsIfItHadNotStopped() {
        Keys keys = new Keys();
        keys.packing = new PackingConfig(true, PackingStrategy.WRAPPED, Optional.empty());
        keys.batchSize = 4;
        keys.steps = 6;
        keys.saveSteps = 2;
        tiny.sft("unbroken", "pretrain", keys);
        keys.steps = 4;
        tiny.sft("broken", "pretrain", keys);
        keys.steps = 6;
        tiny.run("broken", SftTrainer.class, tiny.config("pretrain", keys), true);

        assertThat(tiny.weights("broken")).isEqualTo(tiny.weights("unbroken"));
    }

    private static Keys keys(SftLossConfig loss) {
        Keys keys = new Keys();
        keys.loss = loss;
        return keys;
    }
}
