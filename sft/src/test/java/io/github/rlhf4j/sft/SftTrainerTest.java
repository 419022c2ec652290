package io.github.rlhf4j.sft;

import static io.github.rlhf4j.sft.TinySft.metric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.sft.TinySft.Keys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pre-training from nothing and fine-tuning on top, as whole stages. */
class SftTrainerTest {
    private TinySft tiny;

    @BeforeEach
    void writeData(@TempDir Path folder) {
        tiny = new TinySft(folder);
    }

    @Test
    void pretrainingMakesAModelThatFineTuningGoesOnWith() {
        List<Double> pretraining = metric(tiny.pretrain("pretrain", 30), "loss");
        List<String> tuning = tiny.sft("sft", "pretrain", keys(20, 0));

        assertThat(pretraining.get(29)).isLessThan(0.5 * pretraining.get(0));
        assertThat(metric(tuning, "loss").get(19))
                .isLessThan(0.3 * metric(tuning, "loss").get(0));
        assertThat(metric(tuning, "trained_to_stop")).containsOnly(1.0);
        assertThat(metric(tuning, "eval_loss")).hasSize(1);
        assertThat(tiny.model("sft").resolve("tokenizer.json")).exists();
    }

    @Test
    void twoRunsOfOneSeedGiveTheSameBytes() {
        tiny.pretrain("first", 5);
        tiny.pretrain("second", 5);

        assertThat(tiny.weights("second")).isEqualTo(tiny.weights("first"));
    }

    @Test
    void aResumedRunIsTheRunThatWasNeverStopped() {
        tiny.pretrain("pretrain", 5);
        List<String> unbroken = tiny.sft("unbroken", "pretrain", keys(8, 2));
        tiny.sft("broken", "pretrain", keys(4, 2));
        List<String> resumed = tiny.run("broken", SftTrainer.class, tiny.config("pretrain", keys(8, 2)), true);

        assertThat(metric(resumed, "loss")).isEqualTo(metric(unbroken, "loss"));
        assertThat(tiny.weights("broken")).isEqualTo(tiny.weights("unbroken"));
    }

    @Test
    void lossAtTheStartIsThatOfAUniformGuess() {
        // weights of standard deviation 0.02 give nearly equal logits over 270 tokens
        assertThat(metric(tiny.pretrain("pretrain", 1), "loss").get(0)).isCloseTo(Math.log(270), within(0.1));
    }

    @Test
    void theDataAreCheckedBeforeTraining() throws IOException {
        tiny.pretrain("pretrain", 1);
        Keys keys = new Keys();
        keys.evalDataset = Optional.of("rows");
        keys.steps = 1;
        tiny.sft("sft", "pretrain", keys);

        assertThat(tiny.lines)
                .anyMatch(line -> line.endsWith("end tokens: turns end with </s> (1)"))
                .anyMatch(line -> line.contains("dataset: 24 rows, 0 cut, 0 left out; ")
                        && line.endsWith("24 of 24 sequences end with a trained end token"))
                .anyMatch(line -> line.startsWith("warning: [sft] eval_dataset: 24 of 24 rows have a prompt"));
    }

    @Test
    void cutRowsAreCounted() {
        tiny.pretrain("pretrain", 1);
        Keys keys = new Keys();
        keys.maxLength = 20;
        keys.truncationMode = TruncationMode.KEEP_START;
        keys.steps = 1;
        List<String> lines = tiny.sft("sft", "pretrain", keys);

        assertThat(tiny.lines)
                .anyMatch(
                        line -> line.contains("sequences do not end with a trained end token: cut rows do not teach"));
        assertThat(metric(lines, "trained_to_stop").get(0)).isLessThan(1);
    }

    private static Keys keys(long steps, long saveSteps) {
        Keys keys = new Keys();
        keys.steps = steps;
        keys.saveSteps = saveSteps;
        keys.loss = SftLossConfig.DEFAULT.withDropout(0.1);
        keys.evalFraction = 0.2;
        return keys;
    }
}
