package io.github.rlhf4j.reward;

/**
 * The K-wise loss: every pair of a prompt's responses compared, tied ones dropped, divided by the pairs kept.
 *
 * <pre>  loss = 1/P * sum over pairs i better than j of BradleyTerry(s_i, s_j, margin),   P = pairs kept, C(K,2) without ties</pre>
 *
 * <p>With two responses it is {@link BradleyTerry} itself. Source: Ouyang et al. 2022, arXiv:2203.02155, Eq. 1.
 */
public final class KWiseLoss implements RankingLoss {
    private final BradleyTerry comparison;

    /** A loss that compares by {@code comparison}. */
    public KWiseLoss(BradleyTerry comparison) {
        this.comparison = comparison;
    }

    @Override
    public RankingGradient evaluate(double[] scores, int[] ranks, double margin) {
        Rankings.check(scores, ranks);
        int pairs = Rankings.comparisons(ranks);
        double loss = 0;
        double[] dScores = new double[scores.length];
        for (int better = 0; better < scores.length; better++) {
            for (int worse = 0; worse < scores.length; worse++) {
                if (ranks[better] < ranks[worse]) {
                    ScorePairGradient gradient = comparison.evaluate(scores[better], scores[worse], margin);
                    loss += gradient.loss() / pairs;
                    dScores[better] += gradient.dChosen() / pairs;
                    dScores[worse] += gradient.dRejected() / pairs;
                }
            }
        }
        return new RankingGradient(loss, dScores, pairs);
    }

    @Override
    public boolean takesMargins() {
        return true;
    }
}
