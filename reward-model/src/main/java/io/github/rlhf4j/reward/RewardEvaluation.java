package io.github.rlhf4j.reward;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.math.ClusteredRatio;
import io.github.rlhf4j.core.stage.LeftOutRows;
import io.github.rlhf4j.core.stage.StageContext.Evaluation;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.datasets.tokens.TokenizedRanking;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Loss, TRL's metrics and calibration on held-out rankings; the loss is the mean over prompts, and the accuracy's standard error takes the pairs of a ranking as one cluster. The bins of the last evaluation
 * are its state, and go to summary.json as {@code calibration}.
 */
final class RewardEvaluation implements Evaluation, Stateful {
    private static final int CHUNK = 64; // prompts

    private final Examples<TokenizedRanking> rankings;
    private final RewardModelScorer scorer;
    private final RankingLoss loss;
    private final int bins;
    private final Supplier<LeftOutRows> noneLeftOut;
    private Calibration last;

    /** @param noneLeftOut at the beginning of an evaluation */
    RewardEvaluation(
            Examples<TokenizedRanking> rankings,
            RewardModelScorer scorer,
            RankingLoss loss,
            int bins,
            Supplier<LeftOutRows> noneLeftOut) {
        this.rankings = rankings;
        this.scorer = scorer;
        this.loss = loss;
        this.bins = bins;
        this.noneLeftOut = noneLeftOut;
        this.last = Calibration.empty(bins);
    }

    @Override
    public Map<String, Double> evaluate() {
        LeftOutRows leftOut = noneLeftOut.get();
        double sum = 0;
        RewardMetrics metrics = RewardMetrics.EMPTY;
        Calibration calibration = Calibration.empty(bins);
        List<RewardMetrics> each = new ArrayList<>();
        for (long from = 0; from < rankings.size(); from += CHUNK) {
            List<TokenizedRanking> chunk = new ArrayList<>();
            for (long i = from; i < Math.min(from + CHUNK, rankings.size()); i++) {
                chunk.add(rankings.get(i));
            }
            List<double[]> scores = scorer.score(chunk);
            for (int i = 0; i < chunk.size(); i++) {
                if (leftOut.areAllowed() && !FiniteScores.are(scores.get(i))) {
                    leftOut.add(from + i);
                    continue;
                }
                FiniteScores.require(scores.get(i), rankings, from + i);
                int[] ranks = chunk.get(i).ranks();
                sum += loss.evaluate(scores.get(i), ranks, chunk.get(i).margin())
                        .loss();
                each.add(RewardMetrics.of(scores.get(i), ranks));
                metrics = metrics.merge(each.get(each.size() - 1));
                calibration = calibration.plus(scores.get(i), ranks);
            }
        }
        FiniteScores.requireSome(leftOut.kept() > 0, "held-out ranking");
        last = calibration;
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", sum / leftOut.kept());
        values.putAll(metrics.named());
        ClusteredRatio.of(
                        each.stream().mapToDouble(RewardMetrics::correct).toArray(),
                        each.stream().mapToDouble(RewardMetrics::comparisons).toArray())
                .standardError()
                .ifPresent(error -> values.put("accuracy_se", error));
        values.put("calibration_error", calibration.expectedError());
        leftOut.report(values);
        return values;
    }

    /** The bins of the last evaluation. */
    Map<String, Object> calibration() {
        return Map.of("bins", last.bins().stream().map(RewardEvaluation::named).toList());
    }

    @Override
    public void save(ObjectNode state) {
        last.save(state);
    }

    @Override
    public void restore(ObjectNode state) {
        last = Calibration.restore(state, bins);
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
