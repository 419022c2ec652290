package io.github.rlhf4j.core.optim;

import java.util.Locale;

/**
 * Warm-up from the floor to 1, then 1, then down to the floor, each of so many steps; then the floor.
 *
 * @param floor a share of the learning rate
 * @param cycles waves of a cosine decay; half a wave goes down once
 */
public record WarmupStableDecay(
        long warmup, long stable, long decay, Shape warmupShape, Shape decayShape, double floor, double cycles)
        implements LearningRateSchedule {
    /** How a phase goes, with transformers' names. */
    public enum Shape {
        LINEAR,
        COSINE,
        ONE_MINUS_SQRT;

        /** The shape of a name, with '1-sqrt' for the last. */
        static Shape of(String key, String name) {
            ScheduleOptions.require(
                    name.matches("linear|cosine|1-sqrt"), key, "must be linear, cosine or 1-sqrt, but is " + name);
            return name.equals("1-sqrt") ? ONE_MINUS_SQRT : valueOf(name.toUpperCase(Locale.ROOT));
        }
    }

    @Override
    public double factor(long k) {
        if (k < warmup) {
            return aboveFloor(rising((double) k / Math.max(1, warmup)));
        }
        if (k < warmup + stable) {
            return 1;
        }
        return k < warmup + stable + decay
                ? aboveFloor(falling((double) (k - warmup - stable) / Math.max(1, decay)))
                : floor;
    }

    private double rising(double progress) {
        return switch (warmupShape) {
            case LINEAR -> progress;
            case COSINE -> 0.5 * (1 - Math.cos(Math.PI * progress));
            case ONE_MINUS_SQRT -> 1 - Math.sqrt(1 - progress);
        };
    }

    private double falling(double progress) {
        return switch (decayShape) {
            case LINEAR -> 1 - progress;
            case COSINE -> 0.5 * (1 + Math.cos(Math.PI * cycles * 2 * progress));
            case ONE_MINUS_SQRT -> 1 - Math.sqrt(progress);
        };
    }

    private double aboveFloor(double factor) {
        return Math.max(0, factor * (1 - floor) + floor);
    }
}
