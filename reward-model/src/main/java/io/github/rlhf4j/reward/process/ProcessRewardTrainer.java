package io.github.rlhf4j.reward.process;

import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.LeftOutRows;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.datasets.tokens.TokenizedSteps;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.reward.FiniteScores;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Process reward modelling: a head of two labels on a language model learns which steps of an answer are right.
 *
 * <p>Sources: Uesato et al. 2022, arXiv:2211.14275; Lightman et al. 2023, arXiv:2305.20050; TRL 1.12's PRMTrainer.
 */
public final class ProcessRewardTrainer implements Stage<ProcessRewardConfig> {
    private static final double TOLERANCE = 1e-4; // relative to the largest log-odds, at least 1
    private static final int CHECKED = 4; // answers

    private final TrainingData data;

    @Inject
    ProcessRewardTrainer(TrainingData data) {
        this.data = data;
    }

    @Override
    public Class<ProcessRewardConfig> configType() {
        return ProcessRewardConfig.class;
    }

    @Override
    public void check(ProcessRewardConfig config) {
        config.tuning().check(config.model(), Set.of(Head.LABELS));
        data.check(config.data(), config.steps().training(), outline(config));
    }

    @Override
    public Optional<ModelOutline> outline(ProcessRewardConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(ProcessRewardConfig config, StageContext context) {
        Path start = config.model().directory();
        try (ModelText text = ModelText.open(start, context.cacheDirectory());
                Transformer model = config.tuning()
                        .load( // 1. A new head of two labels, unless there is one
                                config.model(),
                                Set.of(Head.LABELS),
                                context,
                                Optional.of(context.random().derive("labels head")))) {
            // 2. Prompts and steps as tokens, a label at the end of each step
            TokenizingOptions options = config.data().tokenizing(model.config().maxPositions(), true, false);
            TrainingData.Split<TokenizedSteps> rows = data.load(
                    config.data(),
                    config.steps().training(),
                    config.steps().evaluation(),
                    text.cache(),
                    options,
                    context);
            BatchScorer scorer =
                    new BatchScorer(model, config.training().optimizer(0).microBatchTokens(model));
            StageLoop<TokenizedSteps> loop = StageLoop.of(context, config.training(), config.parts(), rows.train());
            show(loop.batch(1).get(0), text.tokenizer(), context);
            checkThatScoresDoNotDependOnTheBatch(loop.batch(1), scorer, context);
            // 3. Cross-entropy of the labels, mean over steps
            loop.show("loss", "loss")
                    .show("accuracy", "accuracy")
                    .evaluate(rows.eachEval(held -> new StepEvaluation(
                            held, scorer, () -> new LeftOutRows(config.training(), held, context::warn))))
                    .train("model", model, new TravellingStepLoss(), config.parts());
            // 4. The adapter, if there is one, and the whole model as a Hugging Face directory that knows what
            // separates steps
            config.tuning().saveAndMerge(model, config.model(), context);
            HuggingFaceConfig file =
                    model.huggingFaceConfig().withStepSeparator(config.steps().stepSeparator());
            model.save(
                    context.directory().resolve("model"),
                    file,
                    Optional.of(start),
                    config.training().save().format());
        }
    }

    /** Shows a row as it is trained on: each label after the token that it is read at. */
    private static void show(TokenizedSteps row, Tokenizer tokenizer, StageContext context) {
        StringBuilder line = new StringBuilder("a training row: ").append(shown(row.promptIds(), tokenizer));
        int from = 0;
        for (int step = 0; step < row.ends().length; step++) {
            int end = row.ends()[step] + 1;
            line.append(shown(Arrays.copyOfRange(row.completionIds(), from, end), tokenizer));
            line.append(row.labels()[step] ? " [[right]] " : " [[wrong]] ");
            from = end;
        }
        context.note(line.toString());
    }

    private static String shown(int[] ids, Tokenizer tokenizer) {
        return tokenizer.decode(ids, false).replace("\n", "\\n");
    }

    private static void checkThatScoresDoNotDependOnTheBatch(
            List<TokenizedSteps> first, BatchScorer scorer, StageContext context) {
        List<TokenizedSteps> some = first.subList(0, Math.min(CHECKED, first.size()));
        List<double[]> together = StepEvaluation.logOdds(some, scorer);
        double largest = 0;
        double scale = 1;
        for (int i = 0; i < some.size(); i++) {
            double[] alone =
                    StepEvaluation.logOdds(List.of(some.get(i)), scorer).get(0);
            for (int step = 0; step < alone.length; step++) {
                largest = Math.max(largest, FiniteScores.distance(alone[step], together.get(i)[step]));
                scale = Math.max(scale, FiniteScores.size(alone[step]));
            }
        }
        context.selfCheck(
                "scores do not depend on the batch",
                largest <= TOLERANCE * scale,
                String.format(
                        Locale.ROOT, "%d answers alone and together differ by at most %.1e", some.size(), largest));
    }
}
