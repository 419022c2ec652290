package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.MaximalUpdate;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.parallel.Replicas;
import io.github.rlhf4j.core.parallel.Shards;
import io.github.rlhf4j.core.parallel.TrainerSettings;
import io.github.rlhf4j.core.parallel.TravellingObjective;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.RowPlaces;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;

/**
 * The loop of a training stage: which rows each step trains on, the model trainer, what is shown, evaluated and saved.
 *
 * <pre>
 *  StageLoop.of(context, config.training(), pairs)
 *          .show("loss", "loss")
 *          .evaluate(evaluations)
 *          .train("policy", policy, objective);
 * </pre>
 *
 * <p>Whatever a method needs fits one of four forms of the last line: one objective for all steps; objectives made for each step, which may sample their examples from the model; the same with {@link
 * #afterStep}; and {@link #run}, for a step of several updates or several models. {@link #over}, {@link #map} and {@link #repeating} come first, since they give a new loop.
 *
 * @param <T> a row as the step gets it
 */
public final class StageLoop<T> {
    private static final long LONG_ROUND = 20; // steps

    private final StageContext context;
    private final TrainingConfig training;
    private final ExampleOrder<?> order;
    private final LoopSettings settings;
    private final LongFunction<List<T>> batches;
    private final Map<String, StageContext.Evaluation> evaluations = new LinkedHashMap<>();
    private LongUnaryOperator rowsOfStep = step -> step;
    private LongConsumer afterStep = step -> {};
    private double dropout;
    private double embeddingNoise;
    private long noiseScaleSteps;
    private Optional<MaximalUpdate> parametrization = Optional.empty();

    private StageLoop(
            StageContext context, TrainingConfig training, ExampleOrder<?> order, LongFunction<List<T>> batches) {
        this(context, training, order, training.loop(order), batches);
    }

    private StageLoop(
            StageContext context,
            TrainingConfig training,
            ExampleOrder<?> order,
            LoopSettings settings,
            LongFunction<List<T>> batches) {
        this.context = context;
        this.training = training;
        this.order = order;
        this.settings = settings;
        this.batches = batches;
    }

    /** A loop over {@code rows}, in the order and for the number of steps that the config asks for. */
    public static <T> StageLoop<T> of(StageContext context, TrainingConfig training, Examples<T> rows) {
        ExampleOrder<T> order = training.order(rows, context.random());
        return new StageLoop<>(context, training, order, order::batch);
    }

    /** The same where batches are those of all replicas: batch_size rows for each. */
    public static <T> StageLoop<T> of(
            StageContext context, TrainingConfig training, ReplicasConfig replicas, Examples<T> rows) {
        return of(context, replicas.widened(training), rows);
    }

    /** The same loop, in which each row takes part in so many steps of an epoch: an epoch is that much longer. Comes first, as {@link #over} and {@link #map}. */
    public StageLoop<T> repeating(int times) {
        return new StageLoop<>(context, training, order, settings.repeating(times), batches);
    }

    /** What an update minimises, made for one step. */
    @FunctionalInterface
    public interface Objectives<T> {
        /**
         * The summands of the step's loss.
         *
         * @param step from 1
         * @param batch its rows
         */
        List<WeightedObjective<?>> of(long step, List<T> batch);
    }

    /** A step that does its updates itself. */
    @FunctionalInterface
    public interface Step<T> {
        /**
         * Does it.
         *
         * @param step from 1
         * @param batch its rows
         * @return what is logged
         */
        StepResult run(long step, List<T> batch);
    }

    /** Steps of the whole run. */
    public long steps() {
        return settings.steps();
    }

    /** The rows of step 1, 2, ... */
    public List<T> batch(long step) {
        return batches.apply(step);
    }

    /** What the rows of a batch were made of, by their place: index, file and line where they are known. They are read when the first is asked for. */
    public IntFunction<Map<String, Object>> described(long step) {
        return RowPlaces.once(() -> order.describe(step));
    }

    /** The same loop, whose steps learn from rows of other batches than those of their own number, such as several steps from one batch. */
    public StageLoop<T> learningFrom(LongUnaryOperator batchOfStep) {
        rowsOfStep = batchOfStep;
        return this;
    }

    /** The indices of all rows that the run trains on, ascending. */
    public long[] used() {
        return order.used(settings.steps());
    }

    /** The same loop over other rows, as many as these and in the same order. */
    public <R> StageLoop<R> over(Examples<R> others) {
        return new StageLoop<>(context, training, order, order.of(others)::batch);
    }

    /** The same loop, with each batch made into something else when its step begins. */
    public <R> StageLoop<R> map(Function<? super List<T>, List<R>> function) {
        return new StageLoop<>(context, training, order, step -> function.apply(batches.apply(step)));
    }

    /** Trains with residual dropout; 0: none. */
    public StageLoop<T> dropout(double rate) {
        dropout = rate;
        return this;
    }

    /** Trains with NEFTune's noise on the embeddings; 0: none. */
    public StageLoop<T> embeddingNoise(double alpha) {
        embeddingNoise = alpha;
        return this;
    }

    /** Measures the noise of gradients now and then. */
    public StageLoop<T> measure(NoiseScaleConfig noise) {
        noiseScaleSteps = noise.noiseScaleSteps();
        return this;
    }

    /** Trains with the learning rates of a parametrisation; empty: with the same for all weights. */
    public StageLoop<T> parametrization(Optional<MaximalUpdate> chosen) {
        parametrization = chosen;
        return this;
    }

    /** Shows a metric while the stage trains and in its line of results; see {@link StageContext#show}. */
    public StageLoop<T> show(String label, String metric) {
        context.show(label, metric);
        return this;
    }

    /** Evaluates so when an evaluation is due. By the names of the evaluation sets, "" for one alone; what is {@link Stateful} among them is part of every checkpoint. */
    public StageLoop<T> evaluate(Map<String, ? extends StageContext.Evaluation> named) {
        evaluations.putAll(named);
        return this;
    }

    /** Evaluates the objective on each of these sets, taken as one batch: its loss and its metrics. */
    public StageLoop<T> evaluate(Map<String, ? extends Examples<T>> sets, Transformer model, Objective<T> objective) {
        int microBatchTokens = training.optimizer(dropout).microBatchTokens(model);
        sets.forEach((name, rows) ->
                evaluations.put(name, () -> evaluated(rows, new BatchScorer(model, microBatchTokens), objective)));
        return this;
    }

    private Map<String, Double> evaluated(Examples<T> rows, BatchScorer scorer, Objective<T> objective) {
        List<T> all = new ArrayList<>();
        for (long i = 0; i < rows.size(); i++) {
            all.add(rows.get(i));
        }
        LeftOutRows leftOut = new LeftOutRows(training, rows, context::warn);
        BatchScorer.Evaluation evaluation = leftOut.evaluate(all, 0, some -> scorer.evaluate(some, objective));
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", evaluation.loss());
        values.putAll(evaluation.metrics().values());
        leftOut.report(values);
        return values;
    }

    /** Calls this after each optimiser step, with the step's number: for what follows the model, such as a reference that is synchronised. */
    public StageLoop<T> afterStep(LongConsumer action) {
        afterStep = action;
        return this;
    }

    /**
     * Trains a model, one update a step.
     *
     * @param name of the trainer in checkpoints
     */
    public void train(String name, Transformer model, Objective<T> objective) {
        train(name, model, (step, batch) -> List.of(WeightedObjective.of(batch, objective)));
    }

    /**
     * Trains a model, one update a step, in the parts that the config asks for; the loop was made with the same config.
     *
     * @param name of the trainer in checkpoints
     */
    public void train(String name, Transformer model, TravellingObjective<T> objective, ReplicasConfig parts) {
        if (!parts.hasParts()) {
            try (ModelTrainer trainer = trainer(name, model, training.learningRate(), "dropout")) {
                run(trainer, (step, batch) -> List.of(term(batch, objective.ofStep(batch, trainer))));
            }
            return;
        }
        Path checkpoints = context.directory().resolve("checkpoints");
        TrainerSettings settings = new TrainerSettings(
                training.optimizer(dropout),
                context.random().derive("dropout"),
                embeddingNoise,
                parametrization,
                model.routerLoss());
        if (!parts.hasOuterStep()) {
            trainShards(name, model, objective, parts.shards(), settings, checkpoints);
            return;
        }
        LearningRateSchedule schedule = training.schedule(steps());
        Replicas.Work<T> work = new Replicas.Work<>(
                steps(),
                batches,
                step -> training.learningRate() * schedule.factor(step - 1),
                settings,
                objective,
                this::watch);
        try (Replicas<T> replicas = new Replicas<>(context.cluster(), model, checkpoints, parts.settings(), work)) {
            context.register(name, replicas);
            runSteps(replicas::step);
            replicas.finish();
        }
    }

    /** Short rounds are not worth a line of their own. */
    private Replicas.Watch watch(long round, long steps) {
        Progress progress = steps < LONG_ROUND
                ? Progress.NONE
                : context.progress(context.name() + " round " + round, steps, "steps");
        return new Replicas.Watch() {
            @Override
            public void advance(long more) {
                progress.advance(more);
            }

            @Override
            public void close() {
                progress.close();
            }
        };
    }

    private void trainShards(
            String name,
            Transformer model,
            TravellingObjective<T> objective,
            int count,
            TrainerSettings settings,
            Path checkpoints) {
        try (ModelTrainer trainer = trainer(name, model, training.learningRate(), "dropout");
                Shards<T> shards = new Shards<>(context.cluster(), trainer, count, settings, checkpoints)) {
            trainer.useGradients(shards);
            run(trainer, (step, batch) -> {
                TravellingObjective<T> ofStep = objective.ofStep(batch, trainer);
                shards.minimise(ofStep);
                return List.of(term(batch, ofStep));
            });
        }
    }

    private static <T> WeightedObjective<T> term(List<T> batch, TravellingObjective<T> objective) {
        return WeightedObjective.of(batch, objective.objective());
    }

    /**
     * Trains a model, one update a step, with objectives made in the step.
     *
     * @param name of the trainer in checkpoints
     */
    public void train(String name, Transformer model, Objectives<T> objectives) {
        try (ModelTrainer trainer = trainer(name, model, training.learningRate(), "dropout")) {
            run(trainer, objectives);
        }
    }

    private void run(ModelTrainer trainer, Objectives<T> objectives) {
        run((step, batch) -> {
            try {
                return trainer.optimize(objectives.of(step, batch));
            } catch (NonFinite e) {
                afterStep.accept(step);
                throw e.ofRows();
            }
        });
    }

    /**
     * A trainer for {@link #run}: its schedule is over the steps of this loop, its state part of every checkpoint. The caller closes it.
     *
     * @param name in checkpoints; dropout's randomness is named so, too
     * @param learningRate the peak
     */
    public ModelTrainer trainer(String name, Transformer model, double learningRate) {
        return trainer(name, model, learningRate, name);
    }

    private ModelTrainer trainer(String name, Transformer model, double learningRate, String randomness) {
        CounterRandom random = context.random().derive(randomness);
        ModelTrainer trainer =
                new ModelTrainer(model, learningRate, training.schedule(steps()), training.optimizer(dropout), random);
        trainer.useEmbeddingNoise(embeddingNoise);
        parametrization.ifPresent(trainer::useParametrization);
        if (noiseScaleSteps > 0) {
            trainer.measureNoise(noiseScaleSteps);
        }
        if (training.numbers().canarySteps() > 0) {
            trainer.watch(training.numbers().canarySteps());
        }
        context.register(name, trainer);
        return trainer;
    }

    /** Runs all steps, or those after the checkpoint that a resumed run continues from. */
    public void run(Step<T> step) {
        runSteps(number -> step.run(number, batches.apply(number)));
    }

    private void runSteps(LongFunction<StepResult> step) {
        evaluations.forEach((name, evaluation) -> {
            if (evaluation instanceof Stateful stateful) {
                context.register(name.isEmpty() ? "evaluation" : "evaluation_" + name, stateful);
            }
        });
        context.rows(number -> order.describe(rowsOfStep.applyAsLong(number)));
        context.train(
                settings,
                number -> {
                    StepResult result = step.apply(number);
                    afterStep.accept(number);
                    return result;
                },
                StageContext.Evaluation.of(evaluations));
    }
}
