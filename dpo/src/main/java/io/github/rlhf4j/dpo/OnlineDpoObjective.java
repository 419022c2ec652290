package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.ObjectiveBatch;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A preference loss over pairs of the policy's own, with how far the policy is from the reference on them: names of TRL's OnlineDPOTrainer. */
final class OnlineDpoObjective implements Objective<WithRefLogProbs<TokenizedPair>> {
    private final Objective<WithRefLogProbs<TokenizedPair>> loss;
    private final double beta;
    private final boolean hasReference;

    /** @param hasReference whether the pairs have the reference's log-probs */
    OnlineDpoObjective(Objective<WithRefLogProbs<TokenizedPair>> loss, double beta, boolean hasReference) {
        this.loss = loss;
        this.beta = beta;
        this.hasReference = hasReference;
    }

    /**
     * The policy's log-probs before the update.
     *
     * @param byPair of the chosen and the rejected response, nats
     */
    record LogProbs(Map<TokenizedPair, double[]> byPair) {
        LogProbs plus(LogProbs other) {
            Map<TokenizedPair, double[]> all = new HashMap<>(byPair); // looked up only
            all.putAll(other.byPair);
            return new LogProbs(all);
        }
    }

    @Override
    public List<TokenSequence> layout(WithRefLogProbs<TokenizedPair> pair) {
        return loss.layout(pair);
    }

    @Override
    public Set<Column> statistics() {
        return loss.statistics();
    }

    @Override
    public boolean separable() {
        return loss.separable();
    }

    @Override
    public void evaluate(ObjectiveBatch<WithRefLogProbs<TokenizedPair>> batch) {
        loss.evaluate(batch);
        Map<TokenizedPair, double[]> byPair = new HashMap<>();
        for (int i = 0; i < batch.examples().size(); i++) {
            WithRefLogProbs<TokenizedPair> pair = batch.examples().get(i);
            double[] logProbs = new double[pair.refLogProbs().length];
            for (int response = 0; response < logProbs.length; response++) {
                logProbs[response] = batch.sequence(i, response).sumLogProb();
                batch.metrics().mean("objective/entropy", -logProbs[response], 1);
                if (hasReference) {
                    double kl = logProbs[response] - pair.refLogProbs()[response];
                    batch.metrics().mean("objective/kl", kl, 1);
                    batch.metrics().mean("objective/non_score_reward", -beta * kl, 1);
                }
            }
            byPair.put(pair.tokens(), logProbs);
        }
        batch.metrics().gather(LogProbs.class, new LogProbs(byPair), LogProbs::plus);
    }
}
