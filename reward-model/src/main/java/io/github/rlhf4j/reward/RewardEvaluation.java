package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.StageContext;
import io.github.rlhf4j.core.train.StageContext.Evaluation;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Loss, TRL's metrics and calibration on held-out rankings; the loss is the mean over prompts. The bins of the last evaluation go to summary.json as {@code calibration}.
 */
final class RewardEvaluation implements Evaluation {
    private static final int CHUNK = 64; // prompts

    private final Examples<TokenizedRanking> rankings;
    private final ResponseScorer scorer;
    private final RankingLoss loss;
    private final int bins;
    private final StageContext context;

    RewardEvaluation(
            Examples<TokenizedRanking> rankings,
            ResponseScorer scorer,
            RankingLoss loss,
            int bins,
            StageContext context) {
        this.rankings = rankings;
        this.scorer = scorer;
        this.loss = loss;
        this.bins = bins;
        this.context = context;
    }

    @Override
    public Map<String, Double> evaluate() {
        double sum = 0;
        RewardMetrics metrics = RewardMetrics.EMPTY;
        Calibration calibration = Calibration.empty(bins);
        for (long from = 0; from < rankings.size(); from += CHUNK) {
            List<TokenizedRanking> chunk = new ArrayList<>();
            for (long i = from; i < Math.min(from + CHUNK, rankings.size()); i++) {
                chunk.add(rankings.get(i));
            }
            List<double[]> scores = scorer.score(chunk);
            for (int i = 0; i < chunk.size(); i++) {
                int[] ranks = chunk.get(i).ranks();
                sum += loss.evaluate(scores.get(i), ranks).loss();
                metrics = metrics.merge(RewardMetrics.of(scores.get(i), ranks));
                calibration = calibration.plus(scores.get(i), ranks);
            }
        }
        context.summarize(
                "calibration",
                Map.of(
                        "bins",
                        calibration.bins().stream().map(RewardEvaluation::named).toList()));
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", sum / rankings.size());
        values.putAll(metrics.named());
        values.put("accuracy_se", metrics.accuracyStandardError());
        values.put("calibration_error", calibration.expectedError());
        return values;
    }

    private static Map<String, Object> named(Calibration.Bin bin) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("from", bin.from());
        entry.put("to", bin.to());
        entry.put("n", bin.count());
        if (bin.count() > 0) {
            entry.put("predicted", bin.predicted());
            entry.put("observed", bin.observed());
        }
        return entry;
    }
}
