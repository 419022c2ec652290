package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.stage.StopRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** One wish to stop for runs that are made side by side: it waits as long as any of them is at work. */
final class SharedStop implements StopRequest {
    private final StopRequest wish;
    private final BooleanSupplier ofOthers;
    private final Map<Thread, String> working = new HashMap<>();

    /** @param ofOthers whether somebody else wishes it too */
    SharedStop(StopRequest wish, BooleanSupplier ofOthers) {
        this.wish = wish;
        this.ofOthers = ofOthers;
    }

    @Override
    public boolean isRequested() {
        return wish.isRequested() || ofOthers.getAsBoolean();
    }

    @Override
    public synchronized void working(String what) {
        working.put(Thread.currentThread(), what);
        wish.working(working.size() == 1 ? what : "a step of each run");
    }

    @Override
    public synchronized void idle() {
        working.remove(Thread.currentThread());
        if (working.isEmpty()) {
            wish.idle();
        }
    }
}
