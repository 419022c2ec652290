package io.github.rlhf4j.core.optim;

import io.github.rlhf4j.core.UserError;
import java.util.List;

/** The share of the learning rate that each optimiser step uses, as transformers' schedules have it. */
public sealed interface LearningRateSchedule
        permits LearningRateSchedule.Constant,
                LearningRateSchedule.ConstantWithWarmup,
                LearningRateSchedule.Linear,
                LearningRateSchedule.Cosine,
                LearningRateSchedule.CosineWithRestarts,
                LearningRateSchedule.Polynomial,
                LearningRateSchedule.InverseSquareRoot,
                WarmupStableDecay {
    /** The {@code lr_scheduler_type}s, as transformers names them. */
    List<String> NAMES = List.of(
            "constant",
            "constant_with_warmup",
            "linear",
            "cosine",
            "cosine_with_min_lr",
            "cosine_with_restarts",
            "polynomial",
            "inverse_sqrt",
            "warmup_stable_decay");

    /** The factor on the learning rate of step {@code k} = 0, 1, ... */
    double factor(long k);

    /** Always 1. */
    record Constant() implements LearningRateSchedule {
        @Override
        public double factor(long k) {
            return 1;
        }
    }

    /** {@code k / w} while {@code k < w}, then 1. */
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

    /** Warm-up, then between 1 and {@code floor} by so many waves of a cosine until step n; half a wave goes down once. */
    record Cosine(long warmup, long steps, double floor, double cycles) implements LearningRateSchedule {
        @Override
        public double factor(long k) {
            if (k < warmup) {
                return (double) k / warmup;
            }
            double progress = (double) (k - warmup) / Math.max(1, steps - warmup);
            double wave = (1 + Math.cos(Math.PI * cycles * 2 * progress)) / 2;
            return Math.max(0, wave * (1 - floor) + floor);
        }
    }

    /** Warm-up, then so many times from 1 to 0 by half a cosine until step n. */
    record CosineWithRestarts(long warmup, long steps, long cycles) implements LearningRateSchedule {
        @Override
        public double factor(long k) {
            if (k < warmup) {
                return (double) k / warmup;
            }
            double progress = (double) (k - warmup) / Math.max(1, steps - warmup);
            return progress >= 1 ? 0 : Math.max(0, (1 + Math.cos(Math.PI * (cycles * progress % 1))) / 2);
        }
    }

    /** Warm-up, then {@code end + (peak - end) (steps left / steps of the decay)^power}, as a share of the peak. */
    record Polynomial(long warmup, long steps, double peak, double end, double power) implements LearningRateSchedule {
        @Override
        public double factor(long k) {
            if (k < warmup) {
                return (double) k / warmup;
            }
            if (k > steps) {
                return end / peak;
            }
            double left = 1 - (double) (k - warmup) / Math.max(1, steps - warmup);
            return ((peak - end) * Math.pow(left, power) + end) / peak;
        }
    }

    /** Warm-up, then {@code 1 / sqrt((k - w + t) / t)}; does not depend on the number of steps. */
    record InverseSquareRoot(long warmup, long timescale) implements LearningRateSchedule {
        @Override
        public double factor(long k) {
            return k < warmup ? (double) k / warmup : 1 / Math.sqrt((double) (k + timescale - warmup) / timescale);
        }
    }

    /** The schedule of a configuration that has no {@link ScheduleOptions}. */
    static LearningRateSchedule of(String name, double warmupSteps, long steps, double minLrRate) {
        return new ScheduleChoice(name, warmupSteps, minLrRate, 1, ScheduleOptions.NONE).over(steps);
    }

    /** @throws UserError for a name that is none of {@link #NAMES} */
    static UserError unknown(String name) {
        return new UserError("lr_scheduler_type is \"" + name + "\", but must be one of " + String.join(", ", NAMES));
    }
}
