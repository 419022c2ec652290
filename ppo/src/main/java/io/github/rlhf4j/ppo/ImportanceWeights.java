package io.github.rlhf4j.ppo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights that make samples of one distribution stand for another's, each cut at a limit: truncated importance sampling by token.
 *
 * <pre>  w_t = min(limit, exp(trainer's old log-prob - sampler's))</pre>
 *
 * <p>Source: Ionides 2008 (truncated importance sampling); TRL's {@code token_truncate}, verl's TIS.
 *
 * @param byResponse of each token of each response
 */
record ImportanceWeights(List<double[]> byResponse) {
    /** @param limit {@code importance_sampling_clip_max}, > 0 */
    static ImportanceWeights of(List<double[]> trainer, List<double[]> sampler, double limit) {
        List<double[]> weights = new ArrayList<>();
        for (int i = 0; i < trainer.size(); i++) {
            double[] ours = trainer.get(i);
            double[] theirs = sampler.get(i);
            double[] of = new double[ours.length];
            Arrays.setAll(of, t -> Math.min(limit, Math.exp(ours[t] - theirs[t])));
            weights.add(of);
        }
        return new ImportanceWeights(weights);
    }

    /** Metrics by TRL's names. */
    Map<String, Double> named() {
        DoubleSummaryStatistics all =
                byResponse.stream().flatMapToDouble(Arrays::stream).summaryStatistics();
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("sampling/importance_sampling_ratio/min", all.getMin());
        metrics.put("sampling/importance_sampling_ratio/mean", all.getAverage());
        metrics.put("sampling/importance_sampling_ratio/max", all.getMax());
        return metrics;
    }
}
