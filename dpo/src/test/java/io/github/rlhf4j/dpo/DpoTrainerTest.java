package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.testing.IsolatedCluster;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    private StageHarness harness;
    private ModelReference model;
    private DatasetSpec pairs;

    @BeforeEach
    void makeModelAndPairs() {
        harness = new StageHarness(folder, new DpoModule());
        model = harness.model("start", TinyModel.llama());
        pairs = harness.data(TinyData.PAIRS);
    }

    @Test
    void learnsToPreferTheChosenResponses() {
        StageOutput lines = run("dpo", dpo(30, "sigmoid").data(keys -> keys.evalFraction(0.3)));

        assertThat(lines.metric("loss").get(0)).isCloseTo(Math.log(2), within(1e-6));
        assertThat(lines.metric("rewards/margins").get(29)).isGreaterThan(1);
        assertThat(lines.metric("rewards/accuracies").get(29)).isEqualTo(1);
        assertThat(lines.metric("eval_rewards/accuracies")).containsExactly(1.0);
        assertThat(lines.metric("eval_loss").get(0)).isLessThan(0.5);
        assertThat(folder.resolve("dpo/model/model.safetensors")).exists();
        assertThat(folder.resolve("dpo/model/tokenizer.json")).exists();
    }

    @Test
    void aResumedRunIsTheRunThatWasNeverStopped() {
        StageOutput unbroken = run("unbroken", dpo(12, "sigmoid").training(keys -> keys.saveSteps(4)));
        DpoConfig config =
                dpo(12, "sigmoid").training(keys -> keys.saveSteps(4)).build();
        harness.killAfter(9, "broken", DpoTrainer.class, config);
        StageOutput resumed = harness.resume("broken", DpoTrainer.class, config);

        assertThat(resumed.lines()).isEqualTo(unbroken.lines());
        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
    }

    @Test
    void aResumedReferenceThatFollowsIsTheOneThatWasNeverStopped() {
        StageOutput unbroken = run("unbroken", following(6).training(keys -> keys.saveSteps(3)));
        run("broken", following(3).training(keys -> keys.saveSteps(3)));
        StageOutput resumed = resume("broken", following(6).training(keys -> keys.saveSteps(3)));

        assertThat(resumed.weights()).isEqualTo(unbroken.weights());
    }

    @Test
    void theReferenceInTheStepSaysWhatThePrecomputedOneSaid() {
        List<Double> cached = run("cached", dpo(6, "sigmoid")).metric("loss");
        List<Double> live =
                run("live", dpo(6, "sigmoid").precomputeRefLogProbs(false)).metric("loss");

        for (int i = 0; i < 6; i++) {
            assertThat(live.get(i)).isCloseTo(cached.get(i), within(1e-5));
        }
        assertThat(cached.get(5)).isNotCloseTo(Math.log(2), within(1e-2));
    }

    @Test
    void theReferenceIsAskedForThePairsThatTheStepsUseOnly() throws IOException {
        run("one", dpo(1, "sigmoid"));

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
        StageOutput lines = run("tr-dpo", following(5));

        assertThat(lines.metric("loss")).allSatisfy(loss -> assertThat(loss).isCloseTo(Math.log(2), within(1e-5)));
        assertThat(lines.metric("logps/chosen").get(4))
                .isNotEqualTo(lines.metric("logps/chosen").get(0));
    }

    @Test
    void aReferenceThatIsAskedElsewhereSaysTheSameToTheBit() {
        DpoConfig beforehand =
                dpo(4, "sigmoid").data(keys -> keys.evalFraction(0.3)).build();
        DpoConfig following = following(4)
                .refModelMixupAlpha(0.5)
                .training(keys -> keys.saveSteps(2))
                .build();
        StageOutput here = harness.run("here", DpoTrainer.class, beforehand);
        StageOutput followingHere = harness.run("following", DpoTrainer.class, following);

        StageHarness elsewhere =
                new StageHarness(folder.resolve("elsewhere"), new DpoModule()); // no log-probs are known there
        for (StageHarness other : List.of(harness, elsewhere)) {
            other.computeOn(kernels -> new IsolatedCluster(kernels, 3));
        }
        StageOutput away = elsewhere.run("away", DpoTrainer.class, beforehand);
        harness.killAfter(3, "following away", DpoTrainer.class, following);
        StageOutput followingAway = harness.resume("following away", DpoTrainer.class, following);

        assertThat(away.lines()).isEqualTo(here.lines());
        assertThat(followingAway.lines()).isEqualTo(followingHere.lines());
        assertThat(followingAway.weights()).isEqualTo(followingHere.weights());
    }

    static Stream<String> losses() {
        return PreferenceLosses.builtIn().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("losses")
    void everyLossTrainsTheSameHoweverAStepIsCut(String name) {
        StageOutput whole = run("whole", dpo(3, name));
        StageOutput cut = run("cut", dpo(3, name).training(keys -> keys.microBatchTokens(40)));

        assertThat(whole.metric("loss"))
                .hasSize(3)
                .allSatisfy(loss -> assertThat(loss).isFinite());
        for (String metric : List.of("loss", "grad_norm", "rewards/margins", "logits/chosen")) {
            List<Double> expected = whole.metric(metric);
            for (int i = 0; i < 3; i++) {
                assertThat(cut.metric(metric).get(i))
                        .isCloseTo(expected.get(i), within(1e-4 * Math.max(1, Math.abs(expected.get(i)))));
            }
        }
    }

    @Test
    void plackettLuceOfTwoResponsesIsTheSigmoidLoss() {
        StageOutput sigmoid = run("sigmoid", dpo(6, "sigmoid").data(keys -> keys.evalFraction(0.3)));
        StageOutput ranked = run("ranked", dpo(6, "plackett_luce").data(keys -> keys.evalFraction(0.3)));

        for (String metric : List.of(
                "loss", "grad_norm", "rewards/margins", "rewards/chosen", "logits/rejected", "entropy", "eval_loss")) {
            List<Double> expected = sigmoid.metric(metric);
            assertThat(expected).isNotEmpty();
            for (int i = 0; i < expected.size(); i++) {
                assertThat(ranked.metric(metric).get(i)).isCloseTo(expected.get(i), within(1e-5));
            }
        }
    }

    @Test
    void plackettLuceLearnsWholeRankings() {
        List<String> rankings = new ArrayList<>();
        for (String row : TinyData.PAIRS.rows()) {
            String prompt = row.substring(row.indexOf("Which"), row.indexOf("? ") + 2);
            String colour = row.substring(row.indexOf("It is ") + 6, row.indexOf(".\""));
            rankings.add(
                    "{\"prompt\": \"%s\", \"responses\": [\"No idea at all about %s.\", \"It is %s.\", \"%s?\"], \"ranks\": [3, 1, 2]}"
                            .formatted(prompt, colour, colour, colour));
        }
        pairs = TinyData.write(folder.resolve("rankings.jsonl"), rankings);
        StageOutput whole = run("pl", dpo(25, "plackett_luce").training(keys -> keys.saveSteps(20)));
        run("broken", dpo(20, "plackett_luce").training(keys -> keys.saveSteps(20)));
        StageOutput resumed = resume("broken", dpo(25, "plackett_luce").training(keys -> keys.saveSteps(20)));
        StageOutput cut = run(
                "cut",
                dpo(2, "plackett_luce").precomputeRefLogProbs(false).training(keys -> keys.microBatchTokens(40)));

        assertThat(whole.metric("loss").get(0)).isCloseTo(Math.log(6), within(1e-5)); // ln 3!
        assertThat(whole.metric("rewards/accuracies").get(24)).isGreaterThan(0.9);
        assertThat(whole.metric("loss").get(24)).isLessThan(1);
        assertThat(resumed.lines()).isEqualTo(whole.lines());
        assertThat(cut.metric("loss").get(1)).isCloseTo(whole.metric("loss").get(1), within(1e-4));
    }

    @Test
    void saysHowSureTheHeldOutAccuracyIsOverPrompts() {
        StageOutput lines = run("dpo", dpo(1, "sigmoid").data(keys -> keys.evalFraction(0.8)));
        double accuracy = lines.metric("eval_rewards/accuracies").get(0);

        // two prompts of four pairs each: with h_i right of them, sqrt(2 ((h_1 - r 4)^2 + (h_2 - r 4)^2)) / 8
        double right = 8 * accuracy;
        List<Double> errors = new ArrayList<>();
        for (int first = 0; first <= Math.min(4, right); first++) {
            errors.add(Math.sqrt(2 * 2 * Math.pow(first - right / 2, 2)) / 8);
        }
        assertThat(lines.metric("eval_rewards/accuracies_se"))
                .singleElement()
                .satisfies(error ->
                        assertThat(errors).anySatisfy(one -> assertThat(one).isCloseTo(error, within(1e-9))));
    }

    @Test
    void aTailThatCountsInFullIsPlainDpo() {
        StageOutput plain = run("plain", dpo(3, "sigmoid"));
        StageOutput full = run("full", dpo(3, "sigmoid").ldAlpha(1));

        assertThat(full.weights()).isEqualTo(plain.weights());
    }

    @Test
    void theReferencesTailCountsAsMuchAsThePolicys() {
        List<Double> cached = run("cached", dpo(4, "sigmoid").ldAlpha(0.3)).metric("loss");
        List<Double> live = run(
                        "live", dpo(4, "sigmoid").precomputeRefLogProbs(false).ldAlpha(0.3))
                .metric("loss");
        List<Double> plain = run("plain", dpo(4, "sigmoid")).metric("loss");

        assertThat(cached.get(0)).isCloseTo(Math.log(2), within(1e-6));
        for (int i = 0; i < 4; i++) {
            assertThat(live.get(i)).isCloseTo(cached.get(i), within(1e-5));
        }
        assertThat(cached.get(3)).isNotCloseTo(plain.get(3), within(1e-3));
    }

    @Test
    void weightsThatPairsHaveDoNotDependOnHowAStepIsCut() {
        StageOutput whole = run("whole", dpo(3, "sigmoid", "bco_pair").useWeighting(true));
        StageOutput cut = run(
                "cut",
                dpo(3, "sigmoid", "bco_pair")
                        .training(keys -> keys.microBatchTokens(40))
                        .useWeighting(true));

        assertThat(whole.metric("loss").get(0))
                .isNotCloseTo(
                        run("plain", dpo(3, "sigmoid", "bco_pair"))
                                .metric("loss")
                                .get(0),
                        within(1e-3));
        for (int i = 0; i < 3; i++) {
            assertThat(cut.metric("grad_norm").get(i))
                    .isCloseTo(whole.metric("grad_norm").get(i), within(1e-4));
        }
    }

    @Test
    void refusesACoefficientOfRoutersThatTheModelDoesNotHave() {
        assertThatThrownBy(() -> run("x", dpo(1, "sigmoid").routerAuxLossCoef(0.1)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("router_aux_loss_coef has no effect with model start");
    }

    @Test
    void refusesWeightsWhereTheyHaveNoEffectOrNoMeaning() {

        assertThatThrownBy(() -> run("x", dpo(1, "sigmoid", "sft").useWeighting(true)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("use_weighting must be false with loss_type sigmoid, sft");
        assertThatThrownBy(() -> run("x", dpo(1, "plackett_luce").ldAlpha(0.5)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("ld_alpha has no effect with loss_type plackett_luce");
        assertThatThrownBy(() -> run("x", dpo(1, "plackett_luce", "sft")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("must be alone");
        assertThatThrownBy(() -> dpo(1, "sigmoid").ldAlpha(1.5).build())
                .hasMessage("ld_alpha must be in [0, 1], but is 1.5");
    }

    @Test
    void refusesUnknownLossesAndOptionsThatALossDoesNotAllow() {
        assertThatThrownBy(() -> run("x", dpo(1, "sigmiod")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("loss_type must be one of aot, ")
                .hasMessageEndingWith("but is sigmiod; did you mean sigmoid?");
        assertThatThrownBy(() ->
                        run("x", dpo(1, "orpo").precomputeRefLogProbs(false).syncRefModel(true)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("sync_ref_model has no effect with loss_type orpo");
        assertThat(folder.resolve("x").resolve("model")).doesNotExist();
    }

    /** The learning rate is high, so that a few steps show something. */
    private DpoConfigBuilder dpo(long steps, String... losses) {
        DpoConfigBuilder config = DpoConfig.builder(model, pairs)
                .lossType(losses)
                .beta(0.5)
                .training(keys -> keys.learningRate(3e-3)
                        .lrSchedulerType("constant")
                        .warmupSteps(0)
                        .batchSize(4)
                        .maxSteps(steps)
                        .loggingSteps(1));
        return List.of(losses).contains("exo_pair") ? config.set(PreferenceLosses.LABEL_SMOOTHING, 0.1) : config;
    }

    /** TR-DPO, whose reference becomes the policy after each step. */
    private DpoConfigBuilder following(long steps) {
        return dpo(steps, "sigmoid")
                .precomputeRefLogProbs(false)
                .syncRefModel(true)
                .refModelMixupAlpha(1)
                .refModelSyncSteps(1);
    }

    private StageOutput run(String name, DpoConfigBuilder config) {
        return harness.run(name, DpoTrainer.class, config.build());
    }

    private StageOutput resume(String name, DpoConfigBuilder config) {
        return harness.resume(name, DpoTrainer.class, config.build());
    }
}
