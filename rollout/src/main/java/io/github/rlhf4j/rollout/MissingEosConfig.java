package io.github.rlhf4j.rollout;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.OptionalDouble;

/**
 * What becomes of a response that did not end.
 *
 * @param missingEosPenalty what its score loses, > 0; absent: nothing
 */
public record MissingEosConfig(OptionalDouble missingEosPenalty) implements ConfigGroup {
    /** Nothing. */
    public static final MissingEosConfig NONE = new MissingEosConfig(OptionalDouble.empty());

    public MissingEosConfig {
        double penalty = missingEosPenalty.orElse(1);
        checkConfig(penalty > 0 && Double.isFinite(penalty), "missing_eos_penalty", penalty, "must be finite and > 0");
    }

    /** A scored response with what is left of its score. */
    public Rollout penalised(Rollout rollout) {
        return rollout.ended()
                ? rollout
                : rollout.withScores(rollout.scores(), rollout.score() - missingEosPenalty.orElse(0));
    }
}
