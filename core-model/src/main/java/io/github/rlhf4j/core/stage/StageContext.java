package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.core.train.StepResult;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * A stage's surroundings, the same for every stage: its folder, its seed, its loop with logging, evaluation, checkpoints and resumption, its logs and its progress.
 */
public interface StageContext {
    /** The stage's name in the run file. */
    String name();

    /** runs/&lt;name&gt;/&lt;stage&gt;/, which exists. */
    Path directory();

    /** runs/&lt;name&gt;/cache/, for things that stages share: token caches, reference log-probs. */
    Path cacheDirectory();

    /** The stage's seed: its key {@code seed}, or else derived from the run's. */
    long seed();

    /** The seed of data that are made up, such as the synthetic world's: the run's, so the same in all its stages. */
    long dataSeed();

    /** The root of the stage's randomness. */
    default CounterRandom random() {
        return CounterRandom.of(seed());
    }

    /** The arithmetic. */
    Kernels kernels();

    /** Whether the products of training are float32's, not rounded by {@code compute: bfloat16}. */
    default boolean trainsInFloat32() {
        return kernels().compute() == Compute.FLOAT32;
    }

    /** Where roll-outs, scores and reference log-probs are computed; lives as long as the stage. */
    Cluster cluster();

    /** Registers something that changes, once, before {@link #train}; a name is unique in the stage. It is then part of every checkpoint. */
    void register(String name, Stateful stateful);

    /**
     * The loop: steps 1 .. settings.steps(), each timed, logged to metrics.jsonl and timing.jsonl, with evaluations and checkpoints when they are due. A resumed run restores what is registered from the newest
     * good checkpoint and continues after it.
     *
     * @param step runs one step, given its number (from 1)
     * @param evaluation metrics without their {@code eval_} prefix; empty when there is nothing to evaluate
     */
    void train(LoopSettings settings, LongFunction<StepResult> step, Evaluation evaluation);

    /** Whether {@link #train} will continue from a checkpoint. Self-checks of step 0 hold only when not. */
    boolean resumed();

    /**
     * One more metric that is shown while the stage trains and in its line of results; before {@link #train}, in this order. Where none is chosen the loss is shown.
     *
     * @param label what it is called there, short
     * @param metric its name in metrics.jsonl
     */
    default void show(String label, String metric) {}

    /** What the rows of a step were made of, asked where its numbers cannot be right; before {@link #train}. */
    default void rows(LongFunction<List<Map<String, Object>>> ofStep) {}

    /** An evaluation during training. */
    interface Evaluation {
        /** No evaluation. */
        Evaluation NONE = Map::of;

        /** Several, with names that come before those of their metrics; the name "" is none. */
        static Evaluation of(Map<String, ? extends Evaluation> named) {
            return () -> {
                Map<String, Double> all = new LinkedHashMap<>();
                named.forEach((name, evaluation) -> evaluation
                        .evaluate()
                        .forEach((metric, value) -> all.put(name.isEmpty() ? metric : name + "_" + metric, value)));
                return all;
            };
        }

        /** Name to value, without the prefix {@code eval_}. */
        Map<String, Double> evaluate();
    }

    /** Appends an object to samples.jsonl: prompts, texts, scores, by keys of the caller's choice, {@code step} first. */
    void sample(long step, Map<String, ?> sample);

    /** Final metrics of the stage, for summary.json under {@code metrics}. */
    void summarize(String name, double value);

    /** An arbitrary part of the stage's entry in summary.json, as an evaluate stage needs: a tree of maps, lists, numbers, strings. */
    void summarize(String key, Map<String, ?> tree);

    /** Prints a self-check's outcome and stops the run (exit code 3) when it failed. */
    void selfCheck(String what, boolean passed, String detail);

    /** A line for the person who watches; kept in messages.jsonl, as warnings and self-checks are. */
    void note(String line);

    /** A line about something that may be wrong, for the terminal and the report. */
    void warn(String line);

    /** Progress of something of {@code total} units; closes when done. It shows itself after two seconds. */
    Progress progress(String what, long total, String unit);

    /** Records facts in provenance.json: data digests, parent models, counts. */
    void provenance(String key, Object value);
}
