package io.github.rlhf4j.evaluation;

import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.BatchScorer;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a model has moved from the baseline, estimated on its own samples, in nats for a whole answer.
 *
 * <pre>  kl = sum over answer tokens (end token included) of  log p_model - log p_baseline</pre>
 *
 * Both at the temperature of sampling; the mean over samples is KL(model || baseline) without bias, a single value may be negative.
 */
final class Divergence {
    private static final int CHUNK = 64; // prompts at a time

    private final Cluster cluster;
    private final double temperature;

    Divergence(Cluster cluster, double temperature) {
        this.cluster = cluster;
        this.temperature = temperature;
    }

    /** Measures {@code kl} on every answer; both models read the same token ids. */
    void measure(Transformer model, Transformer baseline, List<int[]> promptIds, List<List<Answer>> answers) {
        double[][] own = sums(model, promptIds, answers);
        double[][] other = sums(baseline, promptIds, answers);
        for (int prompt = 0; prompt < own.length; prompt++) {
            for (int sample = 0; sample < own[prompt].length; sample++) {
                answers.get(prompt).get(sample).measure("kl", own[prompt][sample] - other[prompt][sample]);
            }
        }
    }

    /** Log-probs of whole answers, nats, (prompts, samples). */
    private double[][] sums(Transformer model, List<int[]> promptIds, List<List<Answer>> answers) {
        List<List<TokenSequence>> groups = new ArrayList<>();
        for (int prompt = 0; prompt < promptIds.size(); prompt++) {
            int[] ids = promptIds.get(prompt);
            groups.add(answers.get(prompt).stream()
                    .map(answer -> TokenSequence.completion(join(ids, answer.ids()), ids.length))
                    .toList());
        }
        try (SharedModel scorer = cluster.share("log-probs of answers", model)) {
            return scorer.score("log-probs of answers", groups, CHUNK, temperature, 0).stream()
                    .map(group -> group.stream()
                            .mapToDouble(BatchScorer.Scored::sumLogProb)
                            .toArray())
                    .toArray(double[][]::new);
        }
    }

    static int[] join(int[] first, int[] second) {
        int[] joined = new int[first.length + second.length];
        System.arraycopy(first, 0, joined, 0, first.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
