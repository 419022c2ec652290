package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.train.SequenceOutputs;
import io.github.rlhf4j.core.train.StepMetrics;

/**
 * What is reported of a pair, in TRL 1.16's names: rewards and log-probs are means over pairs; entropy is a mean over all response tokens, logits over
 * each side's, token accuracy over the chosen ones'.
 */
final class DpoMetrics {
    private DpoMetrics() {}

    /** Records it; true where the chosen response has the higher reward. */
    static boolean record(
            StepMetrics metrics,
            PreferenceLoss loss,
            double beta,
            PairLogProbs pair,
            SequenceOutputs chosen,
            SequenceOutputs rejected) {
        double chosenReward = beta * loss.impliedReward(pair.chosen(), pair.refChosen(), pair.chosenTokens());
        double rejectedReward = beta * loss.impliedReward(pair.rejected(), pair.refRejected(), pair.rejectedTokens());
        double entropy = chosen.sum(Column.ENTROPY) + rejected.sum(Column.ENTROPY);
        metrics.mean("entropy", entropy, chosen.targets() + rejected.targets());
        metrics.mean("logits/chosen", chosen.sum(Column.MEAN_LOGIT), chosen.targets());
        metrics.mean("logits/rejected", rejected.sum(Column.MEAN_LOGIT), rejected.targets());
        metrics.mean("mean_token_accuracy", chosen.sum(Column.IS_TOP), chosen.targets());
        metrics.mean("rewards/chosen", chosenReward, 1);
        metrics.mean("rewards/rejected", rejectedReward, 1);
        metrics.mean("rewards/accuracies", chosenReward > rejectedReward ? 1 : 0, 1);
        metrics.mean("rewards/margins", chosenReward - rejectedReward, 1);
        metrics.mean("logps/chosen", pair.chosen(), 1);
        metrics.mean("logps/rejected", pair.rejected(), 1);
        return chosenReward > rejectedReward;
    }
}
