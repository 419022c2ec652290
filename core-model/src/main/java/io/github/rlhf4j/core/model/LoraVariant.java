package io.github.rlhf4j.core.model;

/**
 * What may be other than in the paper that LoRA is from, with peft's names.
 *
 * @param dropout probability that an element of what A multiplies is zeroed in training, in [0, 1)
 */
public record LoraVariant(double dropout) {
    /** As in the paper. */
    public static final LoraVariant PLAIN = new LoraVariant(0);

    public LoraVariant {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1), but is " + dropout);
        }
    }
}
