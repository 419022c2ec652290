package io.github.rlhf4j.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Family;
import io.github.rlhf4j.core.stage.NumbersConfig.OnNonfinite;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.EvalDatasets;
import io.github.rlhf4j.testing.SpoiledKernels;
import io.github.rlhf4j.testing.StageOutput;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pre-training from nothing and fine-tuning on top, as whole stages. */
class SftTrainerTest {
    private TinySft tiny;

    @BeforeEach
    void aModel(@TempDir Path folder) {
        tiny = new TinySft(folder);
    }

    @Test
    void pretrainingMakesAModelThatFineTuningGoesOnWith() {
        List<Double> pretraining = tiny.pretrain("pretrain", 30).metric("loss");
        StageOutput tuning = tiny.sft(
                "sft",
                "pretrain",
                keys -> keys.dropout(0.1)
                        .data(data -> data.evalFraction(0.2))
                        .training(training -> training.maxSteps(20)));

        assertThat(pretraining.get(29)).isLessThan(0.5 * pretraining.get(0));
        assertThat(tuning.metric("loss").get(19))
                .isLessThan(0.3 * tuning.metric("loss").get(0));
        assertThat(tuning.metric("trained_to_stop")).containsOnly(1.0);
        assertThat(tuning.metric("eval_loss")).hasSize(1);
        assertThat(tuning.model().resolve("tokenizer.json")).exists();
    }

    @Test
    void twoRunsOfOneSeedGiveTheSameBytes() {
        assertThat(tiny.pretrain("second", 5).weights())
                .isEqualTo(tiny.pretrain("first", 5).weights());
    }

    @Test
    void aStoppedOrKilledRunThatIsResumedIsTheRunThatWasNot() {
        SftConfig config = tiny.config(
                "start",
                keys -> keys.dropout(0.1)
                        .neftuneNoiseAlpha(5)
                        .data(data -> data.evalFraction(0.2))
                        .training(training -> training.maxSteps(8).saveSteps(2).evalSteps(3)));
        StageOutput unbroken = tiny.harness.run("unbroken", SftTrainer.class, config);

        tiny.harness.stopAfter(3, "stopped", SftTrainer.class, config);
        StageOutput stopped = tiny.harness.resume("stopped", SftTrainer.class, config);
        tiny.harness.killAfter(5, "killed", SftTrainer.class, config);
        StageOutput killed = tiny.harness.resume("killed", SftTrainer.class, config);

        assertThat(tiny.harness.said()).contains("[stopped] resumed from step 3", "[killed] resumed from step 4");
        assertThat(unbroken.metric("eval_loss")).hasSize(3);
        for (StageOutput resumed : List.of(stopped, killed)) {
            assertThat(resumed.lines()).isEqualTo(unbroken.lines());
            assertThat(resumed.weights()).isEqualTo(unbroken.weights());
            assertThat(resumed.summary().path("metrics"))
                    .isEqualTo(unbroken.summary().path("metrics"));
        }
    }

    @Test
    void lossAtTheStartIsThatOfAUniformGuess() {
        // weights of standard deviation 0.02 give nearly equal logits over 270 tokens
        assertThat(tiny.pretrain("pretrain", 1).metric("loss").get(0)).isCloseTo(Math.log(270), within(0.1));
    }

    @Test
    void onlyTheCompletionIsLearntUnlessAsked() {
        StageOutput completions = tiny.sft("completions", keys -> everything(keys, 1));
        StageOutput whole = tiny.sft("whole", keys -> everything(keys, 1).completionOnlyLoss(false));

        assertThat(tiny.harness.said())
                .contains("[completions] a training row, targets in >> <<: <s>Is the sky red? >>Yes, it is.</s><<")
                .contains("[whole] a training row, targets in >> <<: <s>>>Is the sky red? Yes, it is.</s><<");
        assertThat(whole.metric("num_tokens")).isEqualTo(completions.metric("num_tokens"));
        assertThat(whole.metric("loss").get(0))
                .isNotCloseTo(completions.metric("loss").get(0), within(1e-4));
    }

    @Test
    void theLossOfCompletionsDoesNotDependOnWhatPromptsSayLaterInTheBatch() {
        // of twice the same rows the mean over target tokens is that of the rows once
        StageOutput once = tiny.sft("once", keys -> everything(keys, 1));
        List<String> rows = Stream.concat(
                        TinyData.DEMONSTRATIONS.rows().stream(), TinyData.DEMONSTRATIONS.rows().stream())
                .toList();
        DatasetSpec twice = TinyData.write(tiny.harness.folder().resolve("twice.jsonl"), rows);
        StageOutput doubled = tiny.sft(
                "doubled",
                keys -> everything(keys, 1)
                        .data(data -> data.dataset(twice))
                        .training(training -> training.batchSize(48)));

        assertThat(doubled.metric("loss").get(0)).isCloseTo(once.metric("loss").get(0), within(1e-6));
        assertThat(doubled.metric("grad_norm").get(0))
                .isCloseTo(once.metric("grad_norm").get(0), within(1e-5));
    }

    @Test
    void ofAConversationTheAssistantsTurnsAloneCanBeLearnt() {
        Path template = tiny.harness.write(
                "chat.jinja",
                "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content + eos_token }}"
                        + "{% endgeneration %}{% else %}{{ m.content + ' ' }}{% endif %}{% endfor %}");

        tiny.sft(
                "chats",
                keys -> everything(keys, 1)
                        .chatTemplatePath(template.toString())
                        .assistantOnlyLoss(true)
                        .data(data -> data.dataset(tiny.harness.data(TinyData.CHATS))));

        assertThat(tiny.harness.said())
                .contains("[chats] a training row, targets in >> <<: Is the sky red? >>Yes, it is.</s><<");
    }

    @Test
    void everyEvaluationSetHasItsMetrics() {
        DatasetSpec rows = tiny.harness.data(TinyData.DEMONSTRATIONS);
        DatasetSpec texts = tiny.harness.data(TinyData.TEXTS);
        StageOutput output = tiny.sft(
                "sft",
                keys -> everything(keys, 2)
                        .data(data -> data.evalDataset(new EvalDatasets(Map.of("seen", rows, "texts", texts))))
                        .training(training -> training.evalOnStart(true)));

        assertThat(output.metric("eval_seen_loss")).hasSize(2);
        assertThat(output.metric("eval_texts_mean_token_accuracy")).hasSize(2);
        // before the first step the evaluation of all training rows is the first step's loss
        assertThat(output.metric("eval_seen_loss").get(0))
                .isCloseTo(output.metric("loss").get(0), within(1e-6));
        assertThat(output.metric("eval_texts_loss").get(0))
                .isNotCloseTo(output.metric("eval_seen_loss").get(0), within(1e-4));
    }

    @Test
    void aPackWithoutAFiniteLossIsLeftOutWholeAndNamedByTheRowThatItBeginsAt() {
        List<String> rows = new ArrayList<>(TinyData.DEMONSTRATIONS.rows());
        rows.set(6, rows.get(6).replace("Yes", "Zes"));
        DatasetSpec held = TinyData.write(tiny.harness.folder().resolve("held.jsonl"), rows);
        tiny.harness.computeWith(SpoiledKernels.embeddingOf(SpoiledKernels.Token.of(tiny.harness.model("start"), "Z")));
        StageOutput output = tiny.sft(
                "packs",
                keys -> everything(keys, 1)
                        .packing(true)
                        .data(data -> data.evalDataset(EvalDatasets.of(held)).maxLength(64))
                        .training(training -> training.onNonfinite(OnNonfinite.SKIP)));

        assertThat(output.metric("eval_loss").get(0)).isFinite();
        assertThat(output.metric("eval_nonfinite_rows")).containsExactly(1.0);
        String place = Pattern.quote(tiny.harness.folder().resolve("held.jsonl").toString());
        assertThat(tiny.harness.said())
                .anyMatch(line ->
                        line.matches("warning: \\[packs] 1 of (1?[0-9]) held-out packs have no finite loss, so the"
                                + " evaluation is without them; in the pack that begins at " + place + ":[0-9]+"));
    }

    @Test
    void theBestEvaluationsModelIsTheResult() {
        DatasetSpec texts = tiny.harness.data(TinyData.TEXTS); // learning to say yes makes them less likely in the end
        UnaryKeys diverging = steps -> keys -> keys.data(data -> data.evalDataset(EvalDatasets.of(texts)))
                .training(
                        training -> training.learningRate(0.05).maxSteps(steps).evalSteps(1));
        StageOutput best = tiny.sft(
                "best", keys -> diverging.of(12).apply(keys).training(training -> training.loadBestModelAtEnd(true)));
        List<Double> losses = best.metric("eval_loss");
        int step = losses.indexOf(losses.stream().min(Double::compare).orElseThrow()) + 1;

        assertThat(step).isBetween(1, 11);
        assertThat(best.summary().at("/metrics/best_step").asInt()).isEqualTo(step);
        assertThat(best.weights())
                .isEqualTo(tiny.sft("until", diverging.of(step)).weights());
    }

    @FunctionalInterface
    private interface UnaryKeys {
        UnaryOperator<SftConfigBuilder> of(long steps);
    }

    @Test
    void routersAreKeptInBalanceWhereThereAreSome() {
        tiny.harness.model("mixtral", TinyModel.of(Family.MIXTRAL));
        StageOutput plain = tiny.sft("plain", "mixtral", keys -> everything(keys, 3));
        StageOutput none =
                tiny.sft("none", "mixtral", keys -> everything(keys, 3).routerAuxLossCoef(0));
        StageOutput strong =
                tiny.sft("strong", "mixtral", keys -> everything(keys, 3).routerAuxLossCoef(0.5));

        assertThat(none.weights()).isEqualTo(plain.weights()); // its config.json does not ask for it
        assertThat(plain.metric("aux_loss")).isEmpty();
        double auxiliary = strong.metric("aux_loss").get(0);
        assertThat(auxiliary).isGreaterThanOrEqualTo(2 - 1e-6); // two of four experts a token, in balance
        assertThat(strong.metric("loss").get(0)).isCloseTo(plain.metric("loss").get(0) + 0.5 * auxiliary, within(1e-5));
        assertThatThrownBy(() -> tiny.sft("x", keys -> keys.routerAuxLossCoef(0.5)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("router_aux_loss_coef has no effect with model start");
    }

    @Test
    void theDataAreCheckedBeforeTraining() {
        DatasetSpec rows = tiny.harness.data(TinyData.DEMONSTRATIONS);
        tiny.sft("sft", keys -> everything(keys, 1).data(data -> data.evalDataset(EvalDatasets.of(rows))));

        assertThat(tiny.harness.said())
                .anyMatch(line -> line.endsWith("end tokens: turns end with </s> (1)"))
                .anyMatch(line -> line.contains("dataset: 24 rows, 0 cut, 0 left out; ")
                        && line.endsWith("24 of 24 sequences end with a trained end token"))
                .anyMatch(line -> line.startsWith("warning: [sft] eval_dataset: 24 of 24 rows have a prompt"));
    }

    @Test
    void cutRowsAreCounted() {
        StageOutput output = tiny.sft(
                "sft",
                keys -> everything(keys, 1).data(data -> data.maxLength(16).truncationMode(TruncationMode.KEEP_START)));

        assertThat(tiny.harness.said())
                .anyMatch(
                        line -> line.contains("sequences do not end with a trained end token: cut rows do not teach"));
        assertThat(output.metric("trained_to_stop").get(0)).isLessThan(1);
    }

    /** All 24 rows in each step, in file order. */
    private static SftConfigBuilder everything(SftConfigBuilder keys, long steps) {
        return keys.training(training -> training.maxSteps(steps).batchSize(24).shuffle(false));
    }
}
