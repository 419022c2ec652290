package io.github.rlhf4j.dpo;

import java.util.List;

/**
 * The supervised loss on the chosen responses: mean negative log-likelihood of all their tokens in the batch, nats per token.
 *
 * <p>Imitates the chosen responses. Typical: in a mixture, with weight 0.1 to 1 beside a preference loss.
 *
 * <p>Not separable: the divisor is the batch's number of chosen tokens. Needs no reference.
 */
public final class SftLoss implements PreferenceLoss {
    @Override
    public PreferenceGradient evaluate(List<PairLogProbs> batch) {
        long tokens = batch.stream().mapToLong(PairLogProbs::chosenTokens).sum();
        double loss = 0;
        double[] dChosen = new double[batch.size()];
        for (int i = 0; i < dChosen.length; i++) {
            loss -= batch.get(i).chosen() / tokens;
            dChosen[i] = -1.0 / tokens;
        }
        return new PreferenceGradient(loss, dChosen, new double[dChosen.length]);
    }

    @Override
    public boolean needsReference() {
        return false;
    }
}
