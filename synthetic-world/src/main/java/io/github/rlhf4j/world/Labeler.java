package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;

/**
 * A simulated person who ranks: sees the hidden utility through own tastes and noise.
 *
 * <pre>  perceived = total + formTaste (form - 1/2) + lengthTaste (concise - 1/2) - inventionTaste [invention] + noise N(0, 1)</pre>
 *
 * <p>Tastes are normal with mean 0 and a deviation of 0.1 for training labelers and 0.25 for held-out ones, who have not been selected for agreement. The
 * noise is drawn anew for each response by (labeler, prompt, response), so a labeler asked twice says the same.
 */
final class Labeler {
    /** Utility units; set so that two training labelers agree on 73 % of pairs (72.6 +- 1.5 %: arXiv:2203.02155). */
    static final double NOISE = 0.37;

    private static final double TRAINING_TASTE = 0.1;
    private static final double HELD_OUT_TASTE = 0.25;

    private final CounterRandom random;
    private final double formTaste;
    private final double lengthTaste;
    private final double inventionTaste;

    Labeler(CounterRandom random, boolean heldOut) {
        double taste = heldOut ? HELD_OUT_TASTE : TRAINING_TASTE;
        this.random = random;
        formTaste = taste * random.gaussian(0);
        lengthTaste = taste * random.gaussian(1);
        inventionTaste = taste * random.gaussian(2);
    }

    double perceive(String prompt, String response, UtilityScore score) {
        return score.total()
                + formTaste * (score.form() - 0.5)
                + lengthTaste * (score.concise() - 0.5)
                - inventionTaste * (score.invention() ? 1 : 0)
                + NOISE * random.derive(prompt).derive(response).gaussian(0);
    }
}
