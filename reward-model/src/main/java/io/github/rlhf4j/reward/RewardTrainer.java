package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.LeftOutRows;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.NumbersConfig;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import io.github.rlhf4j.datasets.tokens.TokenizedSequence;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.judge.Judges;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reward modelling: a scalar head on a language model learns to score better responses higher.
 *
 * <p>Source: Ouyang et al. 2022, arXiv:2203.02155, section 3.5 and App. C.
 */
public final class RewardTrainer implements Stage<RewardConfig> {
    private final TrainingData data;
    private final Judges judges;

    @Inject
    RewardTrainer(TrainingData data, Judges judges) {
        this.data = data;
        this.judges = judges;
    }

    @Override
    public Class<RewardConfig> configType() {
        return RewardConfig.class;
    }

    @Override
    public void check(RewardConfig config) {
        config.tokenizer().check(config.model());
        config.tuning().check(config.model(), Set.of(Head.SCALAR));
        config.judge().ifPresent(judges::named);
        config.demonstrations().ifPresent(spec -> data.check(spec, ExampleKind.DEMONSTRATIONS, outline(config)));
        data.check(config.labelledData(), ExampleKind.RANKINGS, outline(config));
    }

    @Override
    public Optional<ModelOutline> outline(RewardConfig config) {
        return config.tokenizer().outline(config.model());
    }

    @Override
    public void run(RewardConfig config, StageContext context) {
        Path start = config.model().directory();
        Path tokenizer = config.tokenizer().apply(start, context);
        try (ModelText text = ModelText.open(tokenizer, context.cacheDirectory());
                Transformer model = config.tuning()
                        .load( // 1. A new head of one row, std 1/sqrt(C+1), unless there is one
                                config.model(),
                                Set.of(Head.SCALAR),
                                context,
                                Optional.of(context.random().derive("scalar head")))) {
            // 2. Rankings as tokens; a pair is a ranking of two
            TokenizingOptions options = config.data().tokenizing(model.config().maxPositions(), true, false);
            Optional<CachedExamples<TokenizedSequence>> demonstrations = config.demonstrations()
                    .map(spec -> data.load(
                            spec, ExampleKind.DEMONSTRATIONS, text.cache(), options, context, "demonstrations"));
            TrainingData.Split<TokenizedRanking> rankings =
                    data.load(config.labelledData(), ExampleKind.RANKINGS, text.cache(), options, context);
            requireMarginsToCount(config, rankings.train());
            RewardModelScorer scorer =
                    new RewardModelScorer(model, config.training().optimizer(0));
            // 3. Eq. 1, one element of the batch for each prompt
            train(config, context, model, rankings, scorer, text.tokenizer());
            // 4. The shift that makes demonstrations average 0, mean and standard deviation of scores, of held-out rows
            // where there are some
            CachedExamples<TokenizedRanking> measured =
                    rankings.eval().values().stream().findFirst().orElse(rankings.train());
            ScoreMeasurement measurement = new ScoreMeasurement(
                    scorer,
                    config.statisticsRows(),
                    context.random().derive("score statistics"),
                    config.training().numbers().onNonfinite() == NumbersConfig.OnNonfinite.SKIP);
            ScoreStatistics statistics = measurement.measure(measured, demonstrations);
            if (measurement.leftOut() > 0) {
                context.warn(measurement.leftOut()
                        + " rows without finite scores are not in shift, mean and standard deviation");
            }
            report(
                    statistics,
                    Math.min(config.statisticsRows(), measured.size()),
                    !rankings.eval().isEmpty(),
                    context);
            // 5. The adapter, if there is one, and the whole model as a Hugging Face directory
            config.tuning().saveAndMerge(model, config.model(), context);
            if (config.tuning().trainsAdapter(config.model())) {
                AdapterDirectory.addScoreStatistics(context.directory().resolve("adapter"), statistics);
            }
            RewardModelFiles.write(
                    model,
                    text.tokenizer(),
                    tokenizer,
                    statistics,
                    config.training().save().format(),
                    context);
        }
    }

    private static void requireMarginsToCount(RewardConfig config, Examples<TokenizedRanking> rankings) {
        for (long i = 0; !config.loss().takesMargins() && i < rankings.size(); i++) {
            if (rankings.get(i).margin() != 0) {
                throw new UserError("the column \"margin\" of dataset "
                        + config.data().dataset().path()
                        + " has no effect with ranking_loss: plackett_luce; take k_wise, or leave the column out");
            }
        }
    }

    private static void train(
            RewardConfig config,
            StageContext context,
            Transformer model,
            TrainingData.Split<TokenizedRanking> rankings,
            RewardModelScorer scorer,
            Tokenizer tokenizer) {
        StageLoop<TokenizedRanking> loop = StageLoop.of(context, config.training(), config.parts(), rankings.train());
        selfChecks(config, new SelfChecks(context, tokenizer), loop.batch(1), scorer);
        Map<String, RewardEvaluation> evaluations = rankings.eachEval(held -> new RewardEvaluation(
                held,
                scorer,
                config.loss(),
                config.bins(),
                () -> new LeftOutRows(config.training(), held, context::warn)));
        loop.show("loss", "loss")
                .show("accuracy", "accuracy")
                .evaluate(evaluations)
                .train("model", model, config.objective(), config.parts());
        evaluations.forEach((name, held) ->
                context.summarize(name.isEmpty() ? "calibration" : "calibration_" + name, held.calibration()));
    }

    private static void selfChecks(
            RewardConfig config, SelfChecks checks, List<TokenizedRanking> first, RewardModelScorer scorer) {
        checks.showRow(first.get(0));
        if (config.data().truncationMode() != TruncationMode.KEEP_START) {
            checks.scoredAtTheEndToken(first);
        }
        checks.scoresDoNotDependOnTheBatch(first, scorer);
    }

    private static void report(ScoreStatistics statistics, long rows, boolean isHeldOut, StageContext context) {
        context.summarize("score_shift", statistics.shift());
        context.summarize("score_mean", statistics.mean());
        context.summarize("score_std", statistics.std());
        context.note(String.format(
                Locale.ROOT,
                "scores of %d %s rows: mean %.4f, standard deviation %.4f; shifted by %.4f demonstrations average 0",
                rows,
                isHeldOut ? "held-out" : "training",
                statistics.mean(),
                statistics.std(),
                statistics.shift()));
    }
}
