package io.github.rlhf4j.testing;

import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.StopRequest;
import java.util.List;

/** Listens to a stage: keeps its lines, counts its steps, and ends it when told to. */
final class StepCounter implements Console, StopRequest {
    private final String stage;
    private final List<String> said;
    private final Interruption interruption;
    private long steps;

    StepCounter(String stage, List<String> said, Interruption interruption) {
        this.stage = stage;
        this.said = said;
        this.interruption = interruption;
    }

    @Override
    public void line(String line) {
        said.add(line);
    }

    @Override
    public void warning(String line) {
        said.add("warning: " + line);
    }

    /** That of the steps has the stage's name. */
    @Override
    public Progress progress(String what, long total, String unit) {
        return what.equals(stage) && unit.equals("steps") ? new Steps() : Progress.NONE;
    }

    @Override
    public boolean isRequested() {
        return steps >= interruption.afterStep();
    }

    private final class Steps implements Progress {
        @Override
        public void startAt(long done) {
            steps = done;
        }

        @Override
        public void advance(long units) {
            steps += units;
            if (interruption.kills() && isRequested()) {
                throw new Killed();
            }
        }

        @Override
        public void close() {}
    }
}
