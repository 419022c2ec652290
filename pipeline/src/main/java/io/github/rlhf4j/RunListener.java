package io.github.rlhf4j;

import io.github.rlhf4j.core.stage.StageListener.Level;
import io.github.rlhf4j.core.train.StepResult;
import java.nio.file.Path;
import java.util.Map;

/**
 * Hears what a run does, as it happens, in the thread that runs it.
 *
 * <pre>{@code
 * RunListener progress = new RunListener() {
 *     public void onMetrics(String stage, long step, Map<String, Double> metrics) {
 *         System.out.println(stage + " " + step + ": loss " + metrics.get("loss"));
 *     }
 * };
 * rlhf4j.stage("sft").model(model).dataset(data).listen(progress).run();
 * }</pre>
 *
 * <p>What a listener throws ends the run, as a failure of its own would. A listener may generate with another model, but must not start a run of the same engine or close it.
 */
public interface RunListener {
    /** Everything is checked; the first stage is next. */
    default void onStart(Path folder) {}

    /** A stage begins, or continues from a checkpoint. Stages that are complete and reused are not told of. */
    default void onStageStart(String stage, String type) {}

    /**
     * An optimiser step is done; of ppo, an iteration.
     *
     * @param step its number, from 1
     * @param steps of the stage
     */
    default void onStep(String stage, long step, long steps, StepResult result) {}

    /**
     * Metrics, by the names in docs/algorithms: those that {@code logging_steps} makes due, and evaluations with the prefix {@code eval_}. As in metrics.jsonl.
     */
    default void onMetrics(String stage, long step, Map<String, Double> metrics) {}

    /** A sample, such as a prompt with a response and its scores. As in samples.jsonl. */
    default void onSample(String stage, long step, Map<String, ?> sample) {}

    /** A note, a warning or the outcome of a self-check. As in messages.jsonl. */
    default void onMessage(String stage, Level level, String message) {}

    /** A stage is complete. */
    default void onStageDone(StageResult stage) {}
}
