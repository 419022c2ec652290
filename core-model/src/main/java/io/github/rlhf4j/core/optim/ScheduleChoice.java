package io.github.rlhf4j.core.optim;

import static io.github.rlhf4j.core.optim.ScheduleOptions.require;

import io.github.rlhf4j.core.UserError;
import java.util.Set;

/**
 * What a configuration says of the schedule.
 *
 * @param name one of {@link LearningRateSchedule#NAMES}
 * @param warmupSteps steps, or below 1 a fraction of all, rounded up
 * @param minLrRate floor of cosine_with_min_lr, a share of the learning rate; not looked at by the others
 * @param learningRate the peak
 * @param options what single schedules have
 */
public record ScheduleChoice(
        String name, double warmupSteps, double minLrRate, double learningRate, ScheduleOptions options) {
    private static final double TRANSFORMERS_LR_END = 1e-7;
    private static final double TRANSFORMERS_CYCLES = 0.5;
    private static final long TRANSFORMERS_TIMESCALE = 10_000;

    public ScheduleChoice {
        if (!(warmupSteps >= 0) || Double.isInfinite(warmupSteps) || (warmupSteps >= 1 && warmupSteps % 1 != 0)) {
            throw new UserError("warmup_steps must be a whole number of steps or a fraction below 1, but is "
                    + warmupSteps + "; 0 is no warm-up");
        }
    }

    /**
     * The schedule over {@code steps} optimiser steps.
     *
     * @throws UserError for another name, for {@code constant} with warm-up, and for options that the schedule does not have or that are out of range
     */
    public LearningRateSchedule over(long steps) {
        long warmup = (long) (warmupSteps < 1 ? Math.ceil(warmupSteps * steps) : warmupSteps);
        options.requireOnly(name, known());
        double cycles = options.numCycles().orElse(TRANSFORMERS_CYCLES);
        require(Double.isFinite(cycles) && cycles > 0, "num_cycles", "must be > 0, but is " + cycles);
        return switch (name) {
            case "constant" -> constant();
            case "constant_with_warmup" -> new LearningRateSchedule.ConstantWithWarmup(warmup);
            case "linear" -> new LearningRateSchedule.Linear(warmup, steps);
            case "cosine" -> new LearningRateSchedule.Cosine(warmup, steps, 0, cycles);
            case "cosine_with_min_lr" -> new LearningRateSchedule.Cosine(warmup, steps, floor(), cycles);
            case "cosine_with_restarts" -> restarts(warmup, steps);
            case "polynomial" -> polynomial(warmup, steps);
            case "inverse_sqrt" -> inverseSquareRoot(warmup);
            case "warmup_stable_decay" -> warmupStableDecay(warmup, steps);
            default -> throw LearningRateSchedule.unknown(name);
        };
    }

    /** Whether what a step uses is the same however many follow it. */
    public boolean isIndependentOfSteps() {
        boolean hasWarmupInSteps = warmupSteps == 0 || warmupSteps >= 1;
        return name.equals("constant")
                || (name.equals("constant_with_warmup") || name.equals("inverse_sqrt")) && hasWarmupInSteps;
    }

    private Set<String> known() {
        return switch (name) {
            case "cosine", "cosine_with_min_lr", "cosine_with_restarts" -> Set.of("num_cycles");
            case "polynomial" -> Set.of("lr_end", "power");
            case "inverse_sqrt" -> Set.of("timescale");
            case "warmup_stable_decay" ->
                Set.of(
                        "num_decay_steps",
                        "num_stable_steps",
                        "warmup_type",
                        "decay_type",
                        "min_lr_ratio",
                        "num_cycles");
            default -> Set.of();
        };
    }

    private LearningRateSchedule constant() {
        if (warmupSteps > 0) {
            throw new UserError("lr_scheduler_type constant has no warm-up, but warmup_steps is " + warmupSteps
                    + "; use constant_with_warmup, or warmup_steps: 0");
        }
        return new LearningRateSchedule.Constant();
    }

    private double floor() {
        if (!(minLrRate >= 0 && minLrRate <= 1)) {
            throw new UserError("min_lr_rate must be in [0, 1], but is " + minLrRate);
        }
        return minLrRate;
    }

    private LearningRateSchedule restarts(long warmup, long steps) {
        double restarts = options.numCycles().orElse(1);
        require(restarts >= 1 && restarts % 1 == 0, "num_cycles", "must be a whole number >= 1, but is " + restarts);
        return new LearningRateSchedule.CosineWithRestarts(warmup, steps, (long) restarts);
    }

    private LearningRateSchedule polynomial(long warmup, long steps) {
        double end = options.lrEnd().orElse(TRANSFORMERS_LR_END);
        double power = options.power().orElse(1);
        require(
                end >= 0 && end < learningRate,
                "lr_end",
                "must be >= 0 and below learning_rate = " + learningRate + ", but is " + end);
        require(power > 0 && Double.isFinite(power), "power", "must be finite and > 0, but is " + power);
        return new LearningRateSchedule.Polynomial(warmup, steps, learningRate, end, power);
    }

    private LearningRateSchedule inverseSquareRoot(long warmup) {
        long timescale = options.timescale().orElse(warmup > 0 ? warmup : TRANSFORMERS_TIMESCALE);
        require(timescale >= 1, "timescale", "must be >= 1, but is " + timescale);
        return new LearningRateSchedule.InverseSquareRoot(warmup, timescale);
    }

    private LearningRateSchedule warmupStableDecay(long warmup, long steps) {
        require(options.numDecaySteps().isPresent(), "num_decay_steps", "must be given for warmup_stable_decay");
        long decay = options.numDecaySteps().getAsLong();
        require(decay >= 1, "num_decay_steps", "must be >= 1, but is " + decay);
        long stable = options.numStableSteps().orElse(steps - warmup - decay);
        require(
                options.numStableSteps().isPresent() || stable >= 0,
                "num_decay_steps",
                "must leave room for %d steps of warm-up in %d steps, but is %d".formatted(warmup, steps, decay));
        require(stable >= 0, "num_stable_steps", "must be >= 0, but is " + stable);
        double ratio = options.minLrRatio().orElse(0);
        require(ratio >= 0 && ratio <= 1, "min_lr_ratio", "must be between 0 and 1, but is " + ratio);
        WarmupStableDecay.Shape rise =
                WarmupStableDecay.Shape.of("warmup_type", options.warmupType().orElse("linear"));
        WarmupStableDecay.Shape fall =
                WarmupStableDecay.Shape.of("decay_type", options.decayType().orElse("cosine"));
        require(
                fall == WarmupStableDecay.Shape.COSINE || options.numCycles().isEmpty(),
                "num_cycles",
                "does nothing with another decay_type than cosine, so must be left out");
        require(
                warmup > 0 || options.warmupType().isEmpty(),
                "warmup_type",
                "does nothing without warmup_steps, so must be left out");
        return new WarmupStableDecay(
                warmup, stable, decay, rise, fall, ratio, options.numCycles().orElse(TRANSFORMERS_CYCLES));
    }
}
