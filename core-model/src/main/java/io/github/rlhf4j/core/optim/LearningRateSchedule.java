package io.github.rlhf4j.core.optim;

import io.github.rlhf4j.core.UserError;
import java.util.List;

/** The share of the learning rate that each optimiser step uses, as transformers' schedules have it. */
public sealed interface LearningRateSchedule {
    /** The {@code lr_scheduler_type}s, as transformers names them. */
    List<String> NAMES = List.of("constant", "constant_with_warmup", "linear", "cosine", "cosine_with_min_lr");

    /** The factor on the learning rate of step {@code k} = 0, 1, ...; in [0, 1]. */
    double factor(long k);

    /** Always 1. */
    record Constant() implements LearningRateSchedule {
        @Override
        public double factor(long k) {
            return 1;
        }
    }

    /** {@code k / w} while k < w, then 1. */
    record ConstantWithWarmup(long warmup) implements LearningRateSchedule {
        @Override
        public double factor(long k) {
            return k < warmup ? (double) k / warmup : 1;
        }
    }

    /** Warm-up, then linearly down to 0 at step n. */
    record Linear(long warmup, long steps) implements LearningRateSchedule {
        @Override
        public double factor(long k) {
            if (k < warmup) {
                return (double) k / warmup;
            }
            return Math.max(0, (double) (steps - k) / Math.max(1, steps - warmup));
        }
    }

    /** Warm-up, then down to {@code floor} at step n by half a cosine. */
    record Cosine(long warmup, long steps, double floor) implements LearningRateSchedule {
        @Override
        public double factor(long k) {
            if (k < warmup) {
                return (double) k / warmup;
            }
            double progress = (double) (k - warmup) / Math.max(1, steps - warmup);
            double wave = (1 + Math.cos(Math.PI * progress)) / 2;
            return Math.max(0, wave * (1 - floor) + floor);
        }
    }

    /**
     * The schedule of a configuration.
     *
     * @param name one of {@link #NAMES}
     * @param warmupSteps steps, or below 1 a fraction of {@code steps}, rounded up
     * @param steps n, optimiser steps of the whole run
     * @param minLrRate floor of cosine_with_min_lr, a share of the learning rate; not looked at by the others
     * @throws UserError for another name, and for {@code constant} with warm-up
     */
    static LearningRateSchedule of(String name, double warmupSteps, long steps, double minLrRate) {
        if (!(warmupSteps >= 0) || Double.isInfinite(warmupSteps) || (warmupSteps >= 1 && warmupSteps % 1 != 0)) {
            throw new UserError("warmup_steps must be a whole number of steps or a fraction below 1, but is "
                    + warmupSteps + "; 0 is no warm-up");
        }
        long warmup = (long) (warmupSteps < 1 ? Math.ceil(warmupSteps * steps) : warmupSteps);
        return switch (name) {
            case "constant" -> {
                if (warmupSteps > 0) {
                    throw new UserError("lr_scheduler_type constant has no warm-up, but warmup_steps is " + warmupSteps
                            + "; use constant_with_warmup, or warmup_steps: 0");
                }
                yield new Constant();
            }
            case "constant_with_warmup" -> new ConstantWithWarmup(warmup);
            case "linear" -> new Linear(warmup, steps);
            case "cosine" -> new Cosine(warmup, steps, 0);
            case "cosine_with_min_lr" -> {
                if (!(minLrRate >= 0 && minLrRate <= 1)) {
                    throw new UserError("min_lr_rate must be in [0, 1], but is " + minLrRate);
                }
                yield new Cosine(warmup, steps, minLrRate);
            }
            default ->
                throw new UserError(
                        "lr_scheduler_type is \"" + name + "\", but must be one of " + String.join(", ", NAMES));
        };
    }
}
