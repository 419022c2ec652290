package io.github.rlhf4j.reward.process;

import io.github.rlhf4j.core.math.StableMath;

/**
 * The loss of one step's label and its derivative.
 *
 * <pre>  loss = - log sigmoid(z) where the step is right, - log sigmoid(-z) where it is wrong;   d loss / dz = sigmoid(z) - label</pre>
 *
 * <p>z is the log-odds of a right step, the difference of the two logits: the cross-entropy over two labels of transformers' ...ForTokenClassification, as TRL's PRMTrainer minimises.
 *
 * @param loss nats
 * @param gradient d loss / dz
 */
record StepLoss(double loss, double gradient) {
    static StepLoss of(double logOdds, boolean isRight) {
        double loss = -StableMath.logSigmoid(isRight ? logOdds : -logOdds);
        return new StepLoss(loss, StableMath.sigmoid(logOdds) - (isRight ? 1 : 0));
    }
}
