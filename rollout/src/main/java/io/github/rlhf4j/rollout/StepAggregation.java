package io.github.rlhf4j.rollout;

import java.util.Arrays;

/** One score of the probabilities that the steps of a response are right. */
public enum StepAggregation {
    /** Of the step that is least likely right. */
    MIN,
    /** That all steps are right, as if they were independent. */
    PRODUCT,
    /** Of the last step. */
    LAST,
    MEAN,
    /** Their sum, of which PPO gives each part at the end of its step. */
    EACH;

    /** 0 where there is no step. */
    double score(double[] probabilities) {
        if (probabilities.length == 0) {
            return 0;
        }
        return switch (this) {
            case MIN -> Arrays.stream(probabilities).min().orElseThrow();
            case PRODUCT -> Arrays.stream(probabilities).reduce(1, (a, b) -> a * b);
            case LAST -> probabilities[probabilities.length - 1];
            case MEAN -> Arrays.stream(probabilities).average().orElseThrow();
            case EACH -> Arrays.stream(probabilities).sum();
        };
    }
}
