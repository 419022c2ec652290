package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.math.PlackettLuce;

/**
 * The negative log-likelihood of the whole order of a prompt's responses: {@link PlackettLuce}. A prompt whose responses are all tied has loss and gradient 0.
 *
 * <p>The best response is chosen among all, the next among those left, and so on: for rankings of three and more, whose order is meant as a whole.
 */
public final class PlackettLuceLoss implements RankingLoss {
    @Override
    public RankingGradient evaluate(double[] scores, int[] ranks, double margin) {
        Rankings.check(scores, ranks);
        double[] dScores = new double[scores.length];
        double loss = PlackettLuce.loss(scores, ranks, dScores);
        return new RankingGradient(loss, dScores, Rankings.comparisons(ranks));
    }
}
