package io.github.rlhf4j.grpo;

/** What the sum over the tokens of a step is divided by. */
enum Aggregation {
    /** Each response's own length, then the number of responses. */
    SEQUENCE {
        @Override
        double weight(int tokens, StepSize step) {
            return 1.0 / step.responses() / Math.max(1, tokens);
        }
    },
    /** The tokens of the step. */
    TOKEN {
        @Override
        double weight(int tokens, StepSize step) {
            return 1.0 / Math.max(1, step.tokens());
        }
    },
    /** The tokens of a step in the mean over the steps that share a generation. */
    GENERATION {
        @Override
        double weight(int tokens, StepSize step) {
            return 1 / step.tokensOfGeneration();
        }
    },
    /** The number of responses times the longest that they could be. */
    LONGEST {
        @Override
        double weight(int tokens, StepSize step) {
            return 1.0 / step.responses() / step.longest();
        }
    };

    /**
     * The weight of each token of a response.
     *
     * @param tokens of the response, 0 where it is masked
     */
    abstract double weight(int tokens, StepSize step);
}
