package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.dpo.TinyStage.Options;
import java.io.IOException;
import java.nio.file.Files;
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

    private TinyStage stage;

    @BeforeEach
    void makeModelAndPairs() {
        stage = new TinyStage(folder);
    }

    @ParameterizedTest
    @EnumSource(KtoLossType.class)
    void learnsWhichResponsesAreDesirable(KtoLossType loss) {
        List<String> lines = run("kto", Options.of(40).inTheStep(false).holdingOut(0.3), loss, true, false);

        assertThat(TinyStage.metric(lines, "loss").get(0)).isCloseTo(0.5, within(1e-5));
        assertThat(TinyStage.metric(lines, "loss").get(39)).isLessThan(0.3);
        assertThat(TinyStage.metric(lines, "eval_rewards/margins").get(0)).isGreaterThan(1);
    }

    @ParameterizedTest
    @EnumSource(KtoLossType.class)
    void theReferenceAskedBeforehandSaysWhatItSaysInTheStep(KtoLossType loss) {
        List<String> before = run("before", Options.of(8), loss, false, false);
        List<String> within = run("within", Options.of(8).inTheStep(false), loss, false, false);

        for (String metric : List.of("loss", "kl", "grad_norm")) {
            for (int i = 0; i < 8; i++) {
                assertThat(TinyStage.metric(within, metric).get(i))
                        .isCloseTo(TinyStage.metric(before, metric).get(i), within(1e-5));
            }
        }
        // what both share, which response is the mismatched one, is in MismatchedResponsesTest and TRL's kto_pairs
        assertThat(TinyStage.metric(before, "kl"))
                .anySatisfy(kl -> assertThat(kl > 0.1).isEqualTo(loss == KtoLossType.KTO));
    }

    @Test
    void trainsTheSameHoweverAStepIsCut() {
        List<String> whole = run("whole", Options.of(4).inTheStep(false), KtoLossType.KTO, true, false);
        List<String> cut = run("cut", Options.of(4).inTheStep(false).cutInto(40), KtoLossType.KTO, true, false);

        for (String metric : List.of("loss", "grad_norm", "kl", "rewards/margins", "logits/chosen")) {
            for (int i = 0; i < TinyStage.metric(whole, metric).size(); i++) {
                assertThat(TinyStage.metric(cut, metric).get(i))
                        .isCloseTo(TinyStage.metric(whole, metric).get(i), within(1e-4));
            }
        }
    }

    @Test
    void aResumedRunIsTheRunThatWasNeverStopped() throws IOException {
        Options following = Options.of(6).inTheStep(true).saving(3);
        List<String> unbroken = run("unbroken", following, KtoLossType.KTO, true, false);
        run("broken", Options.of(3).inTheStep(true).saving(3), KtoLossType.KTO, true, false);
        List<String> resumed = run("broken", following, KtoLossType.KTO, true, true);

        assertThat(resumed).isEqualTo(unbroken);
        assertThat(Files.readAllBytes(stage.result("broken").resolve("model.safetensors")))
                .isEqualTo(Files.readAllBytes(stage.result("unbroken").resolve("model.safetensors")));
    }

    @Test
    void refusesAnEstimateOfTheDivergenceThatItsDataCannotGive() {
        assertThatThrownBy(() -> run("x", Options.of(1), KtoLossType.KTO, true, false))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("precompute_ref_log_probs must be false with loss_type: kto and shuffle: true");
    }

    private List<String> run(String name, Options options, KtoLossType loss, boolean shuffle, boolean resume) {
        return stage.run(name, KtoTrainer.class, stage.ktoConfig(options, loss, shuffle), resume);
    }
}
