package io.github.rlhf4j.datasets.tokens;

import java.util.Optional;

/**
 * How a row becomes an example, in this process or on a worker.
 *
 * @param what the example is
 * @param options how texts become tokens
 * @param steps for {@link What#STEPS} alone
 */
record ExampleRule(What what, TokenizingOptions options, Optional<StepRules> steps) {
    ExampleRule(What what, TokenizingOptions options) {
        this(what, options, Optional.empty());
    }

    /** Examples, each from one row. */
    enum What {
        /** The tokens of a document with its end token, as the only part. */
        DOCUMENT,
        SEQUENCE,
        PAIR,
        UNPAIRED,
        STEPS,
        RANKING,
        PROMPT,
        /** With its text. */
        PROMPT_AND_TEXT
    }
}
