package io.github.rlhf4j.plan;

/** How numbers are held while a model is trained. */
public enum Precision {
    /** Everything in float32. */
    FLOAT32(4, 4, 0, 4, 4),
    /** bfloat16 weights, gradients and activations beside float32 weights and moments: 16 bytes a parameter (Rajbhandari et al. 2020, arXiv:1910.02054, section 3.1). */
    MIXED(2, 2, 4, 4, 2),
    /** Everything in bfloat16. */
    BFLOAT16(2, 2, 0, 2, 2);

    private final int weight;
    private final int gradient;
    private final int master;
    private final int moment;
    private final int activation;

    Precision(int weight, int gradient, int master, int moment, int activation) {
        this.weight = weight;
        this.gradient = gradient;
        this.master = master;
        this.moment = moment;
        this.activation = activation;
    }

    /** Bytes of a weight as it computes. */
    int weightBytes() {
        return weight;
    }

    /** Bytes of a gradient. */
    int gradientBytes() {
        return gradient;
    }

    /** Bytes of the copy of a weight that the optimiser changes, 0 where it is the weight. */
    int masterBytes() {
        return master;
    }

    /** Bytes of one moment of AdamW. */
    int momentBytes() {
        return moment;
    }

    /** Bytes of a number of an activation. */
    int activationBytes() {
        return activation;
    }
}
