package io.github.rlhf4j.dpo;

/** What IPO compares: scores per token, as TRL does, or of whole responses, as in the paper's formula. */
public enum IpoLength {
    /** Each response's score divided by its length in tokens. */
    TOKEN,
    /** Scores of whole responses. */
    SEQUENCE
}
