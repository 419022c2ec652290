package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.dpo.TinyStage.Options;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole stage on a random model of two layers. */
class DpoTrainerTest {
    @TempDir
    Path folder;

    private TinyStage stage;

    @BeforeEach
    void makeModelAndPairs() {
        stage = new TinyStage(folder);
    }

    @Test
    void learnsToPreferTheChosenResponses() {
        List<String> lines = stage.run("dpo", Options.of(30, "sigmoid").holdingOut(0.3), false);

        assertThat(TinyStage.metric(lines, "loss").get(0)).isCloseTo(Math.log(2), within(1e-6));
        assertThat(TinyStage.metric(lines, "rewards/margins").get(29)).isGreaterThan(1);
        assertThat(TinyStage.metric(lines, "rewards/accuracies").get(29)).isEqualTo(1);
        assertThat(TinyStage.metric(lines, "eval_rewards/accuracies")).containsExactly(1.0);
        assertThat(TinyStage.metric(lines, "eval_loss").get(0)).isLessThan(0.5);
        assertThat(stage.result("dpo").resolve("model.safetensors")).exists();
        assertThat(stage.result("dpo").resolve("tokenizer.json")).exists();
    }

    @Test
    void aResumedRunIsTheRunThatWasNeverStopped() throws IOException {
        List<String> unbroken = stage.run("unbroken", Options.of(12, "sigmoid").saving(4), false);
        stage.run("broken", Options.of(8, "sigmoid").saving(4), false);
        List<String> resumed = stage.run("broken", Options.of(12, "sigmoid").saving(4), true);

        assertThat(resumed).isEqualTo(unbroken);
        assertThat(weights("broken")).isEqualTo(weights("unbroken"));
    }

    @Test
    void aResumedReferenceThatFollowsIsTheOneThatWasNeverStopped() throws IOException {
        stage.run("unbroken", Options.of(6, "sigmoid").inTheStep(true).saving(3), false);
        stage.run("broken", Options.of(3, "sigmoid").inTheStep(true).saving(3), false);
        stage.run("broken", Options.of(6, "sigmoid").inTheStep(true).saving(3), true);

        assertThat(weights("broken")).isEqualTo(weights("unbroken"));
    }

    @Test
    void theReferenceInTheStepSaysWhatThePrecomputedOneSaid() {
        List<Double> cached = TinyStage.metric(stage.run("cached", Options.of(6, "sigmoid"), false), "loss");
        List<Double> live =
                TinyStage.metric(stage.run("live", Options.of(6, "sigmoid").inTheStep(false), false), "loss");

        for (int i = 0; i < 6; i++) {
            assertThat(live.get(i)).isCloseTo(cached.get(i), within(1e-5));
        }
        assertThat(cached.get(5)).isNotCloseTo(Math.log(2), within(1e-2));
    }

    @Test
    void theReferenceIsAskedForThePairsThatTheStepsUseOnly() throws IOException {
        stage.run("one", Options.of(1, "sigmoid"), false);

        try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
            Path cached = files.filter(file -> file.toString().endsWith(".bin"))
                    .findFirst()
                    .orElseThrow();
            int digest = 32;
            assertThat(Files.size(cached))
                    .isEqualTo(2 * Long.BYTES + 4 * 2 * Double.BYTES + digest); // a batch of 4 of 12 pairs
        }
    }

    @Test
    void aReferenceThatBecomesThePolicyAfterEachStepKeepsTheLossAtLogTwo() {
        List<String> lines = stage.run("tr-dpo", Options.of(5, "sigmoid").inTheStep(true), false);

        assertThat(TinyStage.metric(lines, "loss"))
                .allSatisfy(loss -> assertThat(loss).isCloseTo(Math.log(2), within(1e-5)));
        assertThat(TinyStage.metric(lines, "logps/chosen").get(4))
                .isNotEqualTo(TinyStage.metric(lines, "logps/chosen").get(0));
    }

    static Stream<String> losses() {
        return PreferenceLosses.builtIn().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("losses")
    void everyLossTrainsTheSameHoweverAStepIsCut(String name) {
        List<String> whole = stage.run("whole", Options.of(3, name), false);
        List<String> cut = stage.run("cut", Options.of(3, name).cutInto(40), false);

        assertThat(TinyStage.metric(whole, "loss"))
                .hasSize(3)
                .allSatisfy(loss -> assertThat(loss).isFinite());
        for (String metric : List.of("loss", "grad_norm", "rewards/margins", "logits/chosen")) {
            List<Double> expected = TinyStage.metric(whole, metric);
            for (int i = 0; i < 3; i++) {
                assertThat(TinyStage.metric(cut, metric).get(i))
                        .isCloseTo(expected.get(i), within(1e-4 * Math.max(1, Math.abs(expected.get(i)))));
            }
        }
    }

    @Test
    void plackettLuceOfTwoResponsesIsTheSigmoidLoss() {
        List<String> sigmoid = stage.run("sigmoid", Options.of(6, "sigmoid").holdingOut(0.3), false);
        List<String> ranked = stage.run("ranked", Options.of(6, "plackett_luce").holdingOut(0.3), false);

        for (String metric : List.of(
                "loss", "grad_norm", "rewards/margins", "rewards/chosen", "logits/rejected", "entropy", "eval_loss")) {
            List<Double> expected = TinyStage.metric(sigmoid, metric);
            assertThat(expected).isNotEmpty();
            for (int i = 0; i < expected.size(); i++) {
                assertThat(TinyStage.metric(ranked, metric).get(i)).isCloseTo(expected.get(i), within(1e-5));
            }
        }
    }

    @Test
    void plackettLuceLearnsWholeRankings() throws IOException {
        stage.writeRankings();
        List<String> whole = stage.run("pl", Options.of(25, "plackett_luce").saving(20), false);
        stage.run("broken", Options.of(20, "plackett_luce").saving(20), false);
        List<String> resumed =
                stage.run("broken", Options.of(25, "plackett_luce").saving(20), true);
        List<String> cut =
                stage.run("cut", Options.of(2, "plackett_luce").inTheStep(false).cutInto(40), false);

        assertThat(TinyStage.metric(whole, "loss").get(0)).isCloseTo(Math.log(6), within(1e-5)); // ln 3!
        assertThat(TinyStage.metric(whole, "rewards/accuracies").get(24)).isGreaterThan(0.9);
        assertThat(TinyStage.metric(whole, "loss").get(24)).isLessThan(1);
        assertThat(resumed).isEqualTo(whole);
        assertThat(TinyStage.metric(cut, "loss").get(1))
                .isCloseTo(TinyStage.metric(whole, "loss").get(1), within(1e-4));
    }

    @Test
    void saysHowSureTheHeldOutAccuracyIsOverPrompts() {
        List<String> lines = stage.run("dpo", Options.of(1, "sigmoid").holdingOut(0.8), false);
        double accuracy = TinyStage.metric(lines, "eval_rewards/accuracies").get(0);

        // two prompts of four pairs each: with h_i right of them, sqrt(2 ((h_1 - r 4)^2 + (h_2 - r 4)^2)) / 8
        double right = 8 * accuracy;
        List<Double> errors = new ArrayList<>();
        for (int first = 0; first <= Math.min(4, right); first++) {
            errors.add(Math.sqrt(2 * 2 * Math.pow(first - right / 2, 2)) / 8);
        }
        assertThat(TinyStage.metric(lines, "eval_rewards/accuracies_se"))
                .singleElement()
                .satisfies(error ->
                        assertThat(errors).anySatisfy(one -> assertThat(one).isCloseTo(error, within(1e-9))));
    }

    @Test
    void aTailThatCountsInFullIsPlainDpo() throws IOException {
        stage.run("plain", Options.of(3, "sigmoid"), false);
        stage.run("full", DpoTrainer.class, stage.config(Options.of(3, "sigmoid"), ldAlpha(1)), false);

        assertThat(weights("full")).isEqualTo(weights("plain"));
    }

    @Test
    void theReferencesTailCountsAsMuchAsThePolicys() {
        List<Double> cached = TinyStage.metric(
                stage.run("cached", DpoTrainer.class, stage.config(Options.of(4, "sigmoid"), ldAlpha(0.3)), false),
                "loss");
        List<Double> live = TinyStage.metric(
                stage.run(
                        "live",
                        DpoTrainer.class,
                        stage.config(Options.of(4, "sigmoid").inTheStep(false), ldAlpha(0.3)),
                        false),
                "loss");
        List<Double> plain = TinyStage.metric(stage.run("plain", Options.of(4, "sigmoid"), false), "loss");

        assertThat(cached.get(0)).isCloseTo(Math.log(2), within(1e-6));
        for (int i = 0; i < 4; i++) {
            assertThat(live.get(i)).isCloseTo(cached.get(i), within(1e-5));
        }
        assertThat(cached.get(3)).isNotCloseTo(plain.get(3), within(1e-3));
    }

    @Test
    void weightsThatPairsHaveDoNotDependOnHowAStepIsCut() {
        WeightingConfig wpo = new WeightingConfig(true, OptionalDouble.empty());
        List<String> whole =
                stage.run("whole", DpoTrainer.class, stage.config(Options.of(3, "sigmoid", "bco_pair"), wpo), false);
        List<String> cut = stage.run(
                "cut",
                DpoTrainer.class,
                stage.config(Options.of(3, "sigmoid", "bco_pair").cutInto(40), wpo),
                false);

        assertThat(TinyStage.metric(whole, "loss").get(0))
                .isNotCloseTo(
                        TinyStage.metric(stage.run("plain", Options.of(3, "sigmoid", "bco_pair"), false), "loss")
                                .get(0),
                        within(1e-3));
        for (int i = 0; i < 3; i++) {
            assertThat(TinyStage.metric(cut, "grad_norm").get(i))
                    .isCloseTo(TinyStage.metric(whole, "grad_norm").get(i), within(1e-4));
        }
    }

    @Test
    void refusesACoefficientOfRoutersThatTheModelDoesNotHave() {
        DpoConfig plain = stage.config(Options.of(1, "sigmoid"));

        assertThatThrownBy(() -> stage.run(
                        "x", DpoTrainer.class, stage.config(plain, new RouterConfig(OptionalDouble.of(0.1))), false))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("router_aux_loss_coef has no effect with model start");
    }

    @Test
    void refusesWeightsWhereTheyHaveNoEffectOrNoMeaning() {
        WeightingConfig wpo = new WeightingConfig(true, OptionalDouble.empty());

        assertThatThrownBy(() ->
                        stage.run("x", DpoTrainer.class, stage.config(Options.of(1, "sigmoid", "sft"), wpo), false))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("use_weighting must be false with loss_type sigmoid, sft");
        assertThatThrownBy(() -> stage.run(
                        "x", DpoTrainer.class, stage.config(Options.of(1, "plackett_luce"), ldAlpha(0.5)), false))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("ld_alpha has no effect with loss_type plackett_luce");
        assertThatThrownBy(() -> stage.run("x", Options.of(1, "plackett_luce", "sft"), false))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("must be alone");
        assertThatThrownBy(() -> ldAlpha(1.5)).hasMessage("ld_alpha must be in [0, 1], but is 1.5");
    }

    private static WeightingConfig ldAlpha(double alpha) {
        return new WeightingConfig(false, OptionalDouble.of(alpha));
    }

    @Test
    void refusesUnknownLossesAndOptionsThatALossDoesNotAllow() {
        assertThatThrownBy(() -> stage.run("x", Options.of(1, "sigmiod"), false))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("loss_type must be one of aot, ")
                .hasMessageEndingWith("but is sigmiod; did you mean sigmoid?");
        assertThatThrownBy(() -> stage.run("x", Options.of(1, "orpo").inTheStep(true), false))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("sync_ref_model has no effect with loss_type orpo");
        assertThat(folder.resolve("x").resolve("model")).doesNotExist();
    }

    private byte[] weights(String name) throws IOException {
        return Files.readAllBytes(stage.result(name).resolve("model.safetensors"));
    }
}
