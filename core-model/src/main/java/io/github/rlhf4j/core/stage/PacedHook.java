package io.github.rlhf4j.core.stage;

import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Something done beside the training whenever it is offered, but at most every ten seconds and not for more than a fiftieth of the time. It never ends the training: after a failure it is not done again. */
final class PacedHook {
    private static final double PAUSE_NANOS = 10e9;
    private static final double SHARE = 0.02;

    private final LongSupplier nanoTime;
    private final Consumer<String> warnings;
    private Runnable hook;
    private long last;
    private double pause = PAUSE_NANOS;

    PacedHook(Runnable hook, LongSupplier nanoTime, Consumer<String> warnings) {
        this.hook = hook;
        this.nanoTime = nanoTime;
        this.warnings = warnings;
        this.last = nanoTime.getAsLong();
    }

    /** Does it if it is due. */
    void offer() {
        long now = nanoTime.getAsLong();
        if (now - last < pause) {
            return;
        }
        try {
            hook.run();
        } catch (RuntimeException e) {
            warnings.accept("report.html is not renewed any more while this stage runs: " + e);
            hook = () -> {};
        }
        last = nanoTime.getAsLong();
        pause = Math.max(PAUSE_NANOS, (last - now) / SHARE);
    }
}
