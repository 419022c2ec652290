package io.github.rlhf4j.core.model;

/**
 * What may be other than in the paper that LoRA is from, with peft's names.
 *
 * @param dropout probability that an element of what A multiplies is zeroed in training, in [0, 1)
 * @param useDora whether the length of each row of W + s B A is a weight of its own (Liu et al. 2024, DoRA, arXiv:2402.09353)
 * @param init how A and B begin
 */
public record LoraVariant(double dropout, boolean useDora, LoraInit init) {
    /** As in the paper. */
    public static final LoraVariant PLAIN = new LoraVariant(0, false, LoraInit.TRUE);

    public LoraVariant {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1), but is " + dropout);
        }
    }
}
