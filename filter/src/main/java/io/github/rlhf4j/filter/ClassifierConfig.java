package io.github.rlhf4j.filter;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.datasets.DatasetSpec;
import java.util.OptionalDouble;

/**
 * Quality by a classifier that is trained on given texts.
 *
 * @param good rows as those that should stay
 * @param bad rows as those that should go
 * @param threshold the least probability of good with which a row stays, in (0, 1); absent: 0.5
 */
public record ClassifierConfig(DatasetSpec good, DatasetSpec bad, OptionalDouble threshold) {
    public ClassifierConfig {
        double least = threshold.orElse(0.5);
        checkConfig(least > 0 && least < 1, "threshold", least, "must be in (0, 1)");
    }
}
