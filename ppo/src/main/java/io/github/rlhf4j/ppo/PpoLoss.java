package io.github.rlhf4j.ppo;

import java.util.ArrayList;
import java.util.List;

/**
 * The loss of a PPO mini-batch as one pure function of per-token numbers.
 *
 * <pre>  total = policy + vf_coef * value - entropy_coef * entropy</pre>
 *
 * <p>A mini-batch may be cut: the parts' losses, gradients and statistics add up to those of the whole, since all divide by the whole's size.
 * Source: Schulman et al. 2017, arXiv:1707.06347, Eq. 9.
 *
 * @param policy loss of a token
 * @param value loss of a position
 * @param vfCoef {@code vf_coef}, weight of the value loss, >= 0
 * @param entropyCoef {@code entropy_coef}, weight of the entropy bonus, finite
 * @param aggregation how tokens (and positions) are averaged
 */
public record PpoLoss(PolicyLoss policy, ValueLoss value, double vfCoef, double entropyCoef, Aggregation aggregation) {
    public PpoLoss {
        if (!(vfCoef >= 0 && Double.isFinite(vfCoef)) || !Double.isFinite(entropyCoef)) {
            throw new IllegalArgumentException("vf_coef must be finite and >= 0 and entropy_coef finite, but are "
                    + vfCoef + " and " + entropyCoef);
        }
    }

    /** A whole mini-batch. */
    public PpoGradient evaluate(List<Experience> miniBatch, List<PolicyOutputs> predictions) {
        return evaluate(miniBatch, predictions, MiniBatchSize.of(miniBatch));
    }

    /**
     * Part of a mini-batch.
     *
     * @param responses the part's roll-outs
     * @param predictions what the models say about each
     * @param whole the size of the whole mini-batch
     */
    public PpoGradient evaluate(List<Experience> responses, List<PolicyOutputs> predictions, MiniBatchSize whole) {
        return evaluate(responses, predictions, whole, true, true);
    }

    /** The policy's part alone, where the value model is one of its own: no values, no value loss. */
    public PpoGradient evaluatePolicy(
            List<Experience> responses, List<PolicyOutputs> predictions, MiniBatchSize whole) {
        return evaluate(responses, predictions, whole, true, false);
    }

    /** The value model's part alone, for a model of its own. */
    public PpoGradient evaluateValue(List<Experience> responses, List<PolicyOutputs> predictions, MiniBatchSize whole) {
        return evaluate(responses, predictions, whole, false, true);
    }

    private PpoGradient evaluate(
            List<Experience> responses,
            List<PolicyOutputs> predictions,
            MiniBatchSize whole,
            boolean ofPolicy,
            boolean ofValue) {
        if (responses.size() != predictions.size()) {
            throw new IllegalArgumentException(
                    responses.size() + " responses but " + predictions.size() + " predictions");
        }
        PpoStatistics statistics = PpoStatistics.EMPTY;
        List<TokenGradients> gradients = new ArrayList<>();
        for (int i = 0; i < responses.size(); i++) {
            Experience response = responses.get(i);
            int tokens = ofPolicy ? response.tokens() : 0;
            int positions = ofValue ? response.positions() : 0;
            TokenGradients gradient = new TokenGradients(new double[tokens], new double[tokens], new double[positions]);
            if (ofPolicy) {
                statistics = statistics.merge(evaluateTokens(response, predictions.get(i), whole, gradient));
            }
            if (ofValue) {
                statistics = statistics.merge(evaluatePositions(response, predictions.get(i), whole, gradient));
            }
            gradients.add(gradient);
        }
        double loss = statistics.policyLoss() + vfCoef * statistics.valueLoss() - entropyCoef * statistics.entropy();
        return new PpoGradient(loss, gradients, statistics);
    }

    private PpoStatistics evaluateTokens(
            Experience response, PolicyOutputs prediction, MiniBatchSize whole, TokenGradients out) {
        int tokens = response.tokens();
        double weight = aggregation.weight(whole.tokens(), whole.responses(), tokens);
        PpoStatistics.Builder sums = new PpoStatistics.Builder();
        for (int t = 0; t < tokens; t++) {
            double logProb = prediction.logProbs()[t];
            double oldLogProb = response.oldLogProbs()[t];
            ElementGradient element = policy.evaluate(logProb, oldLogProb, response.advantages()[t]);
            double share = weight * response.importance(t);
            out.dLogProbs()[t] = share * element.gradient();
            out.dEntropies()[t] = -entropyCoef * weight;
            sums.addToken(
                    weight, share, element, logProb - oldLogProb, prediction.entropies()[t]);
        }
        return sums.build();
    }

    private PpoStatistics evaluatePositions(
            Experience response, PolicyOutputs prediction, MiniBatchSize whole, TokenGradients out) {
        int positions = response.positions();
        PpoStatistics.Builder sums = new PpoStatistics.Builder();
        for (int t = 0; t < positions; t++) {
            double weight = aggregation.weight(whole.positions(), whole.responses(), positions);
            ElementGradient element =
                    value.evaluate(prediction.values()[t], response.oldValues()[t], response.returns()[t]);
            out.dValues()[t] = vfCoef * weight * element.gradient();
            sums.addPosition(weight, element);
        }
        return sums.build();
    }
}
