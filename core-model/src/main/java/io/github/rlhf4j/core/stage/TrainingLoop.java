package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.FiniteTensors;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.process.ResidentMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.train.Corruption;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.core.train.StepResult;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.ObjDoubleConsumer;

/**
 * The steps of a stage, with logs, evaluations and checkpoints when they are due.
 *
 * <p>The last checkpoint comes before what is done only because the run ends (the line of a window that is not full, an evaluation that is not due), so that a longer run can continue from it as if the end had never been.
 */
final class TrainingLoop {
    private final Surroundings around;
    private final LoopSettings settings;
    private final LongFunction<StepResult> step;
    private final StageContext.Evaluation evaluation;
    private final BestModel best;
    private final MetricWindow window = new MetricWindow();
    private final StalledGradient stalled = new StalledGradient();
    private Map<String, Object> lastLine = Map.of();
    private Map<String, Object> lastEvaluation = Map.of();
    private long done;
    private double trainedSeconds;
    private long tokens;

    /**
     * What the loop works with.
     *
     * @param bestCheckpoints those of the best evaluation
     * @param summary takes final metrics
     */
    record Surroundings(
            String name,
            Console console,
            LongSupplier nanoTime,
            Kernels kernels,
            Map<String, Stateful> registered,
            Checkpoints checkpoints,
            Checkpoints bestCheckpoints,
            StageLogs logs,
            StageMessages messages,
            ShownMetrics shown,
            PacedHook hook,
            StopRequest stop,
            WrongNumbers wrong,
            ObjDoubleConsumer<String> summary) {}

    TrainingLoop(
            Surroundings around,
            LoopSettings settings,
            LongFunction<StepResult> step,
            StageContext.Evaluation evaluation) {
        this.around = around;
        this.settings = settings;
        this.step = step;
        this.evaluation = evaluation;
        this.best = new BestModel(settings.best());
    }

    void run(boolean resumed) {
        if (resumed) {
            restore();
        }
        try (Progress progress = around.console().progress(around.name(), settings.steps(), "steps")) {
            progress.startAt(done);
            if (done == 0 && settings.evaluation().evalOnStart()) {
                evaluate();
            }
            while (done < settings.steps() && !best.stops()) {
                step(progress);
            }
            finish(progress);
        } finally {
            around.stop().idle();
        }
    }

    private void step(Progress progress) {
        around.stop().working("step " + (done + 1));
        long before = around.nanoTime().getAsLong();
        Optional<StepResult> result = result();
        trainedSeconds += (around.nanoTime().getAsLong() - before) / 1e9;
        done++;
        tokens += result.map(StepResult::tokens).orElse(0L);
        result.ifPresent(window::add);
        boolean logged = settings.logsAfter(done);
        if (logged) {
            log();
        }
        result.ifPresent(trained -> stalled.add(done, done == settings.steps(), trained));
        if (settings.evaluatesAfter(done) || settings.savesAfter(done) || done == settings.steps()) {
            requireFinite();
        }
        boolean improved = settings.evaluatesAfter(done) && evaluateAndChoose(1);
        if (settings.evaluatesAfter(done) && done < settings.steps()) {
            showEvaluation();
        }
        boolean last = done == settings.steps() || best.stops();
        boolean saved = settings.savesAfter(done)
                || improved && settings.checkpoints().ofTheBest()
                || last && settings.checkpoints().atTheEnd();
        if (saved) {
            around.checkpoints()
                    .save(
                            done,
                            around.registered(),
                            state(),
                            settings.checkpoints().saveTotalLimit());
        }
        if (around.stop().takeCheckpointWish() && !saved && !last) {
            saveUnasked();
            around.console().line("[" + around.name() + "] step " + done + ": a checkpoint, as wished");
            saved = true;
        }
        progress.advance(1, () -> around.shown().line(logged ? lastLine : window.averages()));
        if (logged) {
            progress.report();
            around.hook().offer();
        }
        if (around.stop().isRequested() && !last) {
            stop(saved);
        }
    }

    /** What the next step gives; empty where it is left out. */
    private Optional<StepResult> result() {
        try {
            StepResult result = step.apply(done + 1);
            String said = around.wrong().done(done + 1, result);
            if (!said.isEmpty()) {
                around.messages().warn(said);
            }
            return Optional.of(result);
        } catch (NonFinite e) {
            around.messages().warn(around.wrong().nonFinite(done + 1, e));
            return Optional.empty();
        } catch (Corruption e) {
            throw corrupt(e);
        }
    }

    private static SelfCheckFailure corrupt(Corruption found) {
        return new SelfCheckFailure("a fault of this machine (canary_steps): " + found.getMessage()
                + "; nothing was saved since, --resume goes on from the last checkpoint");
    }

    /** No loss shows what the last update has made of the model. */
    private void requireFinite() {
        try {
            around.registered().values().forEach(Stateful::verify);
        } catch (Corruption e) {
            throw corrupt(e);
        }
        around.registered()
                .forEach((name, stateful) -> FiniteTensors.firstNotFinite(withoutMoments(stateful), around.kernels())
                        .ifPresent(tensor -> {
                            throw new UserError(
                                    "step " + done + ": after the update " + name + "." + tensor
                                            + " is not finite, or too large to compute with: the model has diverged; use a smaller learning_rate");
                        }));
    }

    /** Squares of gradients, which an optimiser keeps, may be large where weights are not. */
    private static Map<String, Tensor> withoutMoments(Stateful stateful) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(stateful.tensors());
        tensors.keySet().removeIf(tensor -> tensor.contains("_moment."));
        return tensors;
    }

    private void showEvaluation() {
        String shown = around.shown().evaluations(lastEvaluation);
        if (!shown.isEmpty()) {
            around.console().line("[" + around.name() + "] step " + done + ": " + shown);
        }
    }

    /** A checkpoint that the configuration does not ask for. */
    private void saveUnasked() {
        requireFinite();
        around.checkpoints().saveStop(done, around.registered(), state());
    }

    private void stop(boolean saved) {
        if (!saved) {
            saveUnasked();
        }
        throw new StoppedException("stopped after step %d of %d of stage %s, with a checkpoint; continue with --resume"
                .formatted(done, settings.steps(), around.name()));
    }

    /** What is done because it is the end, whether or not it would be due. */
    private void finish(Progress progress) {
        if (!window.isEmpty()) {
            log();
            progress.report();
        }
        long kept = best.step();
        if (settings.evaluation().atTheEnd() && !settings.evaluatesAfter(done)) {
            evaluateAndChoose(2);
        }
        if (best.stops()) {
            around.messages()
                    .note("stopped early after step %d: the last %d evaluations were no better than %s of step %d"
                            .formatted(done, best.waited(), best.description(), best.step()));
        }
        if (settings.best().loadBestModelAtEnd() && best.step() > 0) {
            loadBest(kept);
        }
        around.checkpoints().clearStops();
    }

    private void loadBest(long kept) {
        if (best.step() != done) {
            around.bestCheckpoints().restore(best.step(), around.registered());
        }
        around.messages()
                .note("the model is that of step %d, whose %s is the best".formatted(best.step(), best.description()));
        around.summary().accept("best_step", best.step());
        best.values().forEach((name, value) -> around.summary().accept("eval_" + name, value));
        around.bestCheckpoints().keepOnly(kept, best.step());
    }

    private void log() {
        lastLine = window.line(done, tokens, settings.epoch(done));
        if (around.wrong().skips()) {
            lastLine.put("nonfinite_steps", around.wrong().skipped());
        }
        around.logs().metrics(done, lastLine);
        Map<String, Object> timing = new LinkedHashMap<>();
        timing.put("step", done);
        timing.put("elapsed_s", trainedSeconds);
        timing.put("tokens_per_second", tokens / Math.max(trainedSeconds, 1e-9));
        timing.put("rss_mb", ResidentMemory.current() / (1024.0 * 1024));
        around.logs().timing(timing);
    }

    /**
     * Evaluates and keeps the model when that is the best so far.
     *
     * @param keep how many of the best models stay
     */
    private boolean evaluateAndChoose(int keep) {
        Map<String, Double> values = evaluate();
        if (values.isEmpty() || !settings.choosesBest() || !best.consider(done, values)) {
            return false;
        }
        if (settings.best().loadBestModelAtEnd()) {
            around.bestCheckpoints().save(done, around.registered(), state(), keep);
        }
        return true;
    }

    private Map<String, Double> evaluate() {
        around.stop().working("the evaluation after step " + done);
        Map<String, Double> values = evaluation.evaluate();
        if (!values.isEmpty()) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("step", done);
            values.forEach((key, value) -> line.put("eval_" + key, value));
            line.put("epoch", settings.epoch(done));
            lastEvaluation = line;
            around.logs().metrics(done, line);
            values.forEach((key, value) -> around.summary().accept("eval_" + key, value));
            warnOfLosses(values);
        }
        return values;
    }

    /** Nothing is learnt from held-out rows, so nothing ends. Other metrics may have no value. */
    private void warnOfLosses(Map<String, Double> values) {
        values.forEach((key, value) -> {
            if (key.endsWith("loss") && !Double.isFinite(value)) {
                around.messages()
                        .warn(
                                "step " + done + ": eval_" + key + " is " + value
                                        + ": the model cannot compute with a held-out row; score shows which, or the model has diverged");
            }
        });
    }

    private ObjectNode state() {
        ObjectNode loop = new ObjectMapper().createObjectNode();
        loop.put("step", done);
        loop.put("tokens", tokens);
        loop.put("trained_seconds", trainedSeconds);
        loop.put("stalled_steps", stalled.count());
        window.save(loop.putObject("window"));
        best.save(loop.putObject("best"));
        around.wrong().save(loop);
        around.logs().save(loop);
        return loop;
    }

    private void restore() {
        Optional<LoopState> restored = around.checkpoints()
                .restore(around.registered(), line -> around.messages().warn(line));
        if (restored.isEmpty()) {
            throw new SelfCheckFailure("no checkpoint of stage " + around.name() + " in "
                    + around.checkpoints().directory() + " is sound; run it again with --overwrite or --from "
                    + around.name());
        }
        LoopState loop = restored.get();
        if (loop.step() > settings.steps()) {
            throw new UserError(
                    "stage %s has done %d steps already, but max_steps or num_train_epochs ask for %d; run it again with --from %s"
                            .formatted(around.name(), loop.step(), settings.steps(), around.name()));
        }
        boolean isDue =
                settings.savesAfter(loop.step()) || settings.checkpoints().ofTheBest();
        if (loop.step() < settings.steps() && !isDue) {
            around.checkpoints().makeStop(loop.step());
        }
        around.logs().restore(loop);
        done = loop.step();
        tokens = loop.tokens();
        trainedSeconds = loop.trainedSeconds();
        stalled.restore(loop.stalledSteps());
        window.restore(loop.window());
        best.restore(loop.best());
        around.wrong().restore(done, loop.wrong());
        around.messages().note("resumed from step " + done);
    }
}
