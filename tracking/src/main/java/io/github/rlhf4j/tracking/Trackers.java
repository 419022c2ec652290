package io.github.rlhf4j.tracking;

import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.StageListener;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.tracking.StageRecord.Kind;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The trackers of a run. They are made when its first stage begins; one that fails is left out from then on, with a warning.
 *
 * <p>A stage that goes on from a checkpoint has cut its files back to it. So trackers hear of it with its first line after that, and are given the lines that it has kept.
 */
public final class Trackers {
    private final TrackedRun run;
    private final List<Chosen> chosen;
    private final Map<String, Tracker> open = new LinkedHashMap<>();
    private Optional<Listener> current = Optional.empty();
    private boolean begun;

    /**
     * A tracker that a run wants.
     *
     * @param name of the tracker
     * @param factory what makes it
     * @param given its keys
     */
    public record Chosen(String name, TrackerFactory factory, GivenKeys given) {}

    public Trackers(TrackedRun run, List<Chosen> chosen) {
        this.run = run;
        this.chosen = List.copyOf(chosen);
    }

    /**
     * A stage begins or goes on; its folder holds what earlier attempts have left.
     *
     * @throws UserError where a tracker cannot be made
     */
    public StageListener begin(TrackedStage stage) {
        if (chosen.isEmpty()) {
            return StageListener.NONE;
        }
        if (!begun) {
            open();
        }
        Listener listener = new Listener(stage);
        current = Optional.of(listener);
        if (KeptRecords.lines(stage.folder(), Kind.METRICS) + KeptRecords.lines(stage.folder(), Kind.SAMPLE) == 0) {
            listener.begin(0, 0);
        }
        return listener;
    }

    private void open() {
        begun = true;
        chosen.forEach(one -> open.put(one.name(), one.factory().open(run, one.given())));
    }

    /** Whether the run wants any. */
    public boolean isWanted() {
        return !chosen.isEmpty();
    }

    /** A stage is complete. */
    public void done(TrackedStage stage, Map<String, Double> results) {
        current.ifPresent(listener -> listener.beginOnce(0, 0)); // where nothing was left to be done
        each(tracker -> tracker.endStage(stage, results));
    }

    /** The run ends. */
    public void end(Tracker.Outcome outcome) {
        boolean hasFiles = outcome == Tracker.Outcome.FINISHED && Files.isDirectory(run.files());
        if (!begun && hasFiles) { // every stage was complete already: what is pending is told now
            open();
        }
        each(tracker -> tracker.end(outcome));
        open.clear();
    }

    private void each(Consumer<Tracker> action) {
        for (Map.Entry<String, Tracker> entry : List.copyOf(open.entrySet())) {
            String name = entry.getKey();
            try {
                action.accept(entry.getValue());
            } catch (RuntimeException e) {
                open.remove(name);
                run.console()
                        .warning("[" + name + "] no longer told what the run does, which goes on: "
                                + Printable.line(String.valueOf(e.getMessage())));
            }
        }
    }

    /** Hears one stage. */
    private final class Listener implements StageListener {
        private final TrackedStage stage;
        private boolean hasBegun;

        Listener(TrackedStage stage) {
            this.stage = stage;
        }

        void begin(long metrics, long samples) {
            hasBegun = true;
            KeptRecords kept = new KeptRecords(stage.folder(), metrics, samples);
            each(tracker -> tracker.beginStage(stage, kept));
        }

        /** @param newMetrics lines that are in the files already, but not told of */
        private void beginOnce(long newMetrics, long newSamples) {
            if (!hasBegun) {
                begin(
                        KeptRecords.lines(stage.folder(), Kind.METRICS) - newMetrics,
                        KeptRecords.lines(stage.folder(), Kind.SAMPLE) - newSamples);
            }
        }

        @Override
        public void onStep(long step, long steps, StepResult result) {
            beginOnce(0, 0);
            each(tracker -> tracker.step(stage, step, steps));
        }

        @Override
        public void onMetrics(long step, Map<String, Double> metrics) {
            beginOnce(1, 0);
            StageRecord record = new StageRecord(Kind.METRICS, step, metrics);
            each(tracker -> tracker.record(stage, record));
        }

        @Override
        public void onSample(long step, Map<String, ?> sample) {
            beginOnce(0, 1);
            StageRecord record = new StageRecord(Kind.SAMPLE, step, sample);
            each(tracker -> tracker.record(stage, record));
        }
    }
}
