package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.SequenceOutputs;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How the log-probs of responses to one prompt are summed: tokens beyond the length of the shortest count {@code ld_alpha}, so that a response gains less by being long.
 *
 * <pre>  log pi = sum over t <= shortest of log p_t  +  ld_alpha  sum over t > shortest of log p_t</pre>
 *
 * <p>Source: Liu et al. 2024 (LD-DPO), arXiv:2409.06411, as TRL 1.16 computes it.
 *
 * @param tailWeight ld_alpha, in [0, 1]; 1 is the plain sum
 */
record ResponseSums(double tailWeight) {
    /** Plain sums. */
    static final ResponseSums WHOLE = new ResponseSums(1);

    /** The length of the shortest of some responses. */
    static int shared(IntStream lengths) {
        return lengths.min().orElseThrow();
    }

    /** The sums of the responses of each example. */
    double[][] ofEach(List<List<BatchScorer.Scored>> examples) {
        return examples.stream().map(this::of).toArray(double[][]::new);
    }

    private double[] of(List<BatchScorer.Scored> responses) {
        int shared = shared(responses.stream().mapToInt(response -> response.logProbs().length));
        return responses.stream()
                .mapToDouble(response -> sum(response.logProbs(), shared))
                .toArray();
    }

    double sum(double[] logProbs, int shared) {
        double sum = 0;
        for (int target = 0; target < logProbs.length; target++) {
            sum += weight(target, shared) * logProbs[target];
        }
        return sum;
    }

    double sum(SequenceOutputs response, int shared) {
        double sum = 0;
        for (int target = 0; target < response.targets(); target++) {
            sum += weight(target, shared) * response.logProb(target);
        }
        return sum;
    }

    /** Adds the gradient with respect to {@link #sum(SequenceOutputs, int)}. */
    void addGradient(SequenceOutputs response, int shared, double gradient) {
        for (int target = 0; target < response.targets(); target++) {
            response.addLogProbGradient(target, weight(target, shared) * gradient);
        }
    }

    private double weight(int target, int shared) {
        return target < shared ? 1 : tailWeight;
    }
}
