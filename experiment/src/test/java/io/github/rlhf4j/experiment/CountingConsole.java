package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts lines that hold a text. */
record CountingConsole(AtomicInteger count, String text) implements Console {
    @Override
    public void line(String line) {
        if (line.contains(text)) {
            count.incrementAndGet();
        }
    }

    @Override
    public void warning(String line) {}

    @Override
    public Progress progress(String what, long total, String unit) {
        return Progress.NONE;
    }
}
