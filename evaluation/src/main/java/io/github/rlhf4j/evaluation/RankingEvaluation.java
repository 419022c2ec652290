package io.github.rlhf4j.evaluation;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.ChatTemplateChoice;
import io.github.rlhf4j.datasets.tokens.ChatTemplateUse;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.world.HiddenUtility;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How often a reward model orders two responses as labelers did, and how often the hidden utility itself does: what a perfect reward model would reach on labels with noise.
 */
final class RankingEvaluation {
    private final Datasets datasets;
    private final HiddenUtility utility;
    private final StageContext context;

    RankingEvaluation(Datasets datasets, HiddenUtility utility, StageContext context) {
        this.datasets = datasets;
        this.utility = utility;
        this.context = context;
    }

    /** Adds {@code rankings} to the summary: {dataset: {accuracy, hidden_utility_accuracy, difference}}, each {mean, se, n}. */
    void run(EvaluateConfig config) {
        Map<String, Object> tree = new LinkedHashMap<>();
        try (RewardScorer scorer = RewardScorer.open(config.rewardModel().orElseThrow(), context)) {
            for (DatasetSpec spec : config.rankings()) {
                DatasetSpec limited = EvaluationPrompts.limited(spec, config.limit());
                try (RecordSet<Ranking> rows = datasets.open(limited, Ranking.class, context.dataSeed())) {
                    rows.dropReport().lines(spec.path()).forEach(context::warn);
                    evaluate(rows, config, scorer).ifPresent(entry -> tree.put(spec.path(), entry));
                }
            }
        }
        context.summarize("rankings", tree);
    }

    /** The entry; empty where no ranking has finite scores, as a warning says then. */
    private Optional<Map<String, Object>> evaluate(
            RecordSet<Ranking> rows, EvaluateConfig config, RewardScorer scorer) {
        ChatTemplateChoice choice = scorer.text()
                .cache()
                .chatTemplate(
                        rows,
                        TokenizingOptions.of(scorer.context())
                                .with(ChatTemplateUse.of(config.applyChatTemplate(), ChatTemplateUse.OFF_UNASKED)));
        choice.warning().ifPresent(context::warn);
        TokenizingOptions options = choice.options();
        CachedExamples<TokenizedRanking> tokens =
                scorer.text().cache().on(context.cluster()).rankings(rows, options);
        tokens.report().lines(rows.origin().path(), options).forEach(context::warn);
        List<TokenizedRanking> taken = new ArrayList<>();
        List<Ranking> sources = new ArrayList<>();
        for (long i = 0; i < tokens.size() && config.takes(i); i++) {
            taken.add(tokens.get(i));
            sources.add(rows.get(tokens.sourceRow(i)));
        }
        List<double[]> scores =
                scorer.score(taken.stream().map(RankingEvaluation::sequences).toList());
        RankingAccuracy reward = new RankingAccuracy();
        List<Ranking> compared = new ArrayList<>();
        List<Map<String, Object>> without = new ArrayList<>();
        for (int i = 0; i < taken.size(); i++) {
            if (Arrays.stream(scores.get(i)).allMatch(Double::isFinite)) {
                reward.add(scores.get(i), taken.get(i).ranks());
                compared.add(sources.get(i));
            } else {
                without.add(rows.describe(tokens.sourceRow(i)));
            }
        }
        scorer.warnOf(without, taken.size(), "rankings of " + rows.origin().path(), context);
        if (compared.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("accuracy", reward.statistic().tree());
        String line = rows.origin().path() + ": reward model agrees with " + EvaluationTable.text(reward.statistic())
                + " of " + reward.statistic().n() + " pairs";
        if (sources.stream().allMatch(this::isUnderstood)) {
            RankingAccuracy truth = new RankingAccuracy();
            compared.forEach(source -> truth.add(
                    utilities(source),
                    source.ranks().stream().mapToInt(Integer::intValue).toArray()));
            entry.put("hidden_utility_accuracy", truth.statistic().tree());
            entry.put("difference", reward.minus(truth).tree());
            line += ", the hidden utility with " + EvaluationTable.text(truth.statistic());
        }
        context.note(line);
        return Optional.of(entry);
    }

    private static List<TokenSequence> sequences(TokenizedRanking ranking) {
        return Arrays.stream(ranking.responseIds())
                .map(response -> TokenSequence.scoredAtEnd(Divergence.join(ranking.promptIds(), response)))
                .toList();
    }

    private boolean isUnderstood(Ranking ranking) {
        return ranking.prompt() instanceof Content.Text text && utility.understands(text.text());
    }

    private double[] utilities(Ranking ranking) {
        String prompt = EvaluationPrompts.text(ranking.prompt());
        return ranking.responses().stream()
                .mapToDouble(response -> utility.utility(prompt, EvaluationPrompts.text(response))
                        .total())
                .toArray();
    }
}
