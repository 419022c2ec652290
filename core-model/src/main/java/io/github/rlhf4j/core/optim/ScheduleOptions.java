package io.github.rlhf4j.core.optim;

import io.github.rlhf4j.core.UserError;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * {@code lr_scheduler_kwargs}: what a single schedule has beside its warm-up, with transformers' names. What is absent has transformers' default; what a schedule does not have is an error.
 *
 * @param lrEnd polynomial: the learning rate at the end, below the peak; default 1e-7
 * @param power polynomial: exponent of the share of steps that is left; default 1
 * @param numCycles cosine, cosine_with_min_lr and a cosine decay: waves, default 0.5; cosine_with_restarts: a whole number of half waves, default 1
 * @param timescale inverse_sqrt: steps; default: those of the warm-up, or 10,000 without one
 * @param numDecaySteps warmup_stable_decay: steps of the decay, required
 * @param numStableSteps warmup_stable_decay: steps between warm-up and decay; default: all others
 * @param warmupType warmup_stable_decay: linear, cosine or 1-sqrt; default linear
 * @param decayType warmup_stable_decay: linear, cosine or 1-sqrt; default cosine
 * @param minLrRatio warmup_stable_decay: the floor, a share of the peak; default 0
 */
public record ScheduleOptions(
        OptionalDouble lrEnd,
        OptionalDouble power,
        OptionalDouble numCycles,
        OptionalLong timescale,
        OptionalLong numDecaySteps,
        OptionalLong numStableSteps,
        Optional<String> warmupType,
        Optional<String> decayType,
        OptionalDouble minLrRatio) {
    /** All as transformers has them. */
    public static final ScheduleOptions NONE = new ScheduleOptions(
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalDouble.empty());

    /** Requires that only these are given. */
    void requireOnly(String schedule, Set<String> known) {
        for (String key : given()) {
            require(
                    known.contains(key),
                    key,
                    "does nothing with lr_scheduler_type " + schedule + ", so must be left out");
        }
    }

    private Set<String> given() {
        Set<String> given = new LinkedHashSet<>();
        addIf(given, lrEnd.isPresent(), "lr_end");
        addIf(given, power.isPresent(), "power");
        addIf(given, numCycles.isPresent(), "num_cycles");
        addIf(given, timescale.isPresent(), "timescale");
        addIf(given, numDecaySteps.isPresent(), "num_decay_steps");
        addIf(given, numStableSteps.isPresent(), "num_stable_steps");
        addIf(given, warmupType.isPresent(), "warmup_type");
        addIf(given, decayType.isPresent(), "decay_type");
        addIf(given, minLrRatio.isPresent(), "min_lr_ratio");
        return given;
    }

    private static void addIf(Set<String> keys, boolean present, String key) {
        if (present) {
            keys.add(key);
        }
    }

    /** "lr_scheduler_kwargs.KEY must be ...". */
    static void require(boolean condition, String key, String mustBe) {
        if (!condition) {
            throw new UserError("lr_scheduler_kwargs." + key + " " + mustBe);
        }
    }
}
