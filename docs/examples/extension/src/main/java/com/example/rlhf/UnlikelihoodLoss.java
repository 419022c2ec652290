package com.example.rlhf;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.core.train.SequenceOutputs;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Likelihood of chosen tokens, unlikelihood of rejected ones.
 *
 * <pre>  loss = (1 / n) [ - sum over chosen of log p - alpha sum over rejected of log(1 - p) ],   n = response tokens of the whole step</pre>
 *
 * <p>Source: Welleck et al. 2020, arXiv:1908.04319.
 */
final class UnlikelihoodLoss implements Objective<TokenizedPair> {
    private static final double LARGEST = 1 - 1e-6; // of a probability: the gradient of log(1 - p) has no limit

    private final double alpha;

    UnlikelihoodLoss(double alpha) {
        this.alpha = alpha;
    }

    /** Two sequences; their prompt is computed once. */
    @Override
    public List<TokenSequence> layout(TokenizedPair pair) {
        return List.of(
                answer(pair.promptIds(), pair.chosenIds()), // targets: its tokens
                answer(pair.promptIds(), pair.rejectedIds()));
    }

    private static TokenSequence answer(int[] prompt, int[] response) {
        int[] ids = IntStream.concat(IntStream.of(prompt), IntStream.of(response)).toArray();
        return TokenSequence.completion(ids, prompt.length);
    }

    @Override
    public void evaluate(ObjectiveBatch<TokenizedPair> batch) {
        double share = 1.0 / batch.stepTargets();
        for (int pair = 0; pair < batch.examples().size(); pair++) {
            SequenceOutputs chosen = batch.sequence(pair, 0);
            batch.addLoss(-share * chosen.sumLogProb());
            chosen.addSumLogProbGradient(-share);
            SequenceOutputs rejected = batch.sequence(pair, 1);
            double probability = 0;
            for (int token = 0; token < rejected.targets(); token++) {
                double p = Math.min(LARGEST, Math.exp(rejected.logProb(token)));
                batch.addLoss(-share * alpha * Math.log1p(-p));
                rejected.addLogProbGradient(token, share * alpha * p / (1 - p)); // d/d log p of -log(1 - p)
                probability += p;
            }
            batch.metrics().mean("probability/rejected", probability, rejected.targets());
        }
    }
}
