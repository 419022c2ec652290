package io.github.rlhf4j.core.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Dropout;
import io.github.rlhf4j.core.model.EmbeddingNoise;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.MaximalUpdate;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.RouterStatistics;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.AdamW;
import io.github.rlhf4j.core.optim.AdamWSettings;
import io.github.rlhf4j.core.optim.GradientClipping;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A model with its optimiser: owns cutting a step into micro-batches by tokens, normalisers, backward, clipping and the update. However a step is cut, the result is that of one batch, to rounding.
 *
 * <p>Not thread-safe. The state is the weights that are trained, the moments and the number of steps done.
 */
public final class ModelTrainer implements Stateful, AutoCloseable {
    private final Transformer model;
    private final AdamW optimizer;
    private final double peakLearningRate;
    private final LearningRateSchedule schedule;
    private final double maxGradNorm;
    private final int microBatchTokens;
    private final double dropout;
    private CounterRandom dropoutKey;
    private CounterRandom noiseKey;
    private double embeddingNoise; // alpha
    private final ModelPasses passes;
    private Optional<NoiseScale> noiseScale = Optional.empty();
    private Optional<Canary> canary = Optional.empty();
    private Optional<GradientSource> source = Optional.empty();
    private long steps;
    private boolean accumulates; // gradients that no update has used

    /**
     * @param model gets gradients
     * @param learningRate the peak
     * @param schedule the share of it that each optimiser step uses
     * @param settings the optimiser's
     * @param dropoutKey the randomness of dropout
     */
    public ModelTrainer(
            Transformer model,
            double learningRate,
            LearningRateSchedule schedule,
            OptimizerSettings settings,
            CounterRandom dropoutKey) {
        this.model = model;
        this.peakLearningRate = learningRate;
        this.schedule = schedule;
        this.maxGradNorm = settings.maxGradNorm();
        this.microBatchTokens = settings.microBatchTokens(model);
        this.dropout = settings.dropout();
        this.dropoutKey = dropoutKey;
        this.noiseKey = dropoutKey.derive("embedding noise");
        model.trained().enableGradients();
        model.useGradientCheckpointing(settings.gradientCheckpointing());
        passes = new ModelPasses(model, microBatchTokens);
        passes.enableGradients();
        this.optimizer = new AdamW(
                model.trained(),
                new AdamWSettings(
                        settings.adamBeta1(), settings.adamBeta2(), settings.adamEpsilon(), settings.weightDecay()),
                model.kernels());
    }

    /** The model being trained. */
    public Transformer model() {
        return model;
    }

    /** The names of weights that are not finite, or too large to compute with. */
    public List<String> brokenWeights() {
        return model.brokenWeights();
    }

    /** Draws dropout and noise from another key from now on. */
    public void useRandomness(CounterRandom key) {
        dropoutKey = key;
        noiseKey = key.derive("embedding noise");
    }

    /** Adds NEFTune's noise to the embeddings from now on; 0: none. */
    public void useEmbeddingNoise(double alpha) {
        embeddingNoise = alpha;
    }

    /** Trains with the learning rates of that parametrisation from now on. */
    public void useParametrization(MaximalUpdate parametrization) {
        optimizer.useRateFactors(parametrization::rateFactor);
    }

    /**
     * Measures the gradient's noise every so many steps, from now on: metrics gradient_signal, gradient_noise and gradient_noise_scale. The update is the same; a measurement takes about as long as a step.
     *
     * @param everySteps >= 1
     */
    public void measureNoise(long everySteps) {
        noiseScale = Optional.of(new NoiseScale(everySteps));
    }

    /**
     * Watches the arithmetic, from now on: weights and moments must be what the last step left, and every so many steps the whole gradient is computed twice and must have the same bits.
     *
     * @param everySteps >= 1
     */
    public void watch(long everySteps) {
        canary = Optional.of(new Canary(everySteps, model.kernels()));
    }

    /** Rows of a micro-batch. */
    public int microBatchTokens() {
        return microBatchTokens;
    }

    /** One optimiser step at the schedule's rate for the number of steps done so far. */
    public StepResult optimize(List<WeightedObjective<?>> terms) {
        return optimize(terms, learningRate(steps), metrics -> true);
    }

    /**
     * One optimiser step at a given learning rate.
     *
     * @param accepted asked with the metrics when loss and gradients are known: false leaves the model as it is
     * @throws NonFinite where the loss or a gradient is not finite; the model is as it was
     * @throws Corruption where {@link #watch} finds something
     */
    public StepResult optimize(List<WeightedObjective<?>> terms, double learningRate, Predicate<StepMetrics> accepted) {
        StepMetrics metrics = new StepMetrics();
        int parts = parts(terms);
        double small = parts >= 2 ? squaredNormOfParts(terms, parts) : 0;
        TermResult sum = gradients(terms, metrics);
        double loss = sum.loss();
        metrics.gathered(RouterStatistics.class).ifPresent(routers -> addTo(metrics, routers));
        double norm = GradientClipping.norm(model.trained(), model.kernels());
        if (parts >= 2) {
            int examples = examples(terms);
            noiseScale.ifPresent(measured -> measured.add(small, examples / parts, norm * norm, examples, metrics));
        }
        if (accepted.test(metrics)) {
            verify();
            if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
                throw new NonFiniteSearch(model, this::ownGradients).of(steps + 1, loss, norm, terms);
            }
            canary.filter(watched -> watched.isDue(steps)).ifPresent(watched -> compareTwice(watched, terms, loss));
            step(learningRate, GradientClipping.factor(norm, maxGradNorm));
        }
        return new StepResult(loss, norm, learningRate, sum.tokens(), metrics);
    }

    private void step(double learningRate, double factor) {
        optimizer.step(learningRate, factor);
        steps++;
        canary.ifPresent(watched -> watched.remember(tensors()));
    }

    /** The gradient of the whole sum, in the model. */
    private TermResult gradients(List<WeightedObjective<?>> terms, StepMetrics metrics) {
        return source.map(parts -> parts.compute(this, terms, metrics)).orElseGet(() -> ownGradients(terms, metrics));
    }

    private TermResult ownGradients(List<WeightedObjective<?>> terms, StepMetrics metrics) {
        passes.zeroGradients();
        return addGradients(terms, metrics);
    }

    /** Where the gradient of a step comes from, if not from this trainer in one go. */
    public interface GradientSource {
        /** Puts the gradient of the sum of the terms into the trainer's model. */
        TermResult compute(ModelTrainer trainer, List<WeightedObjective<?>> terms, StepMetrics metrics);
    }

    /** Takes gradients from elsewhere from now on. */
    public void useGradients(GradientSource others) {
        source = Optional.of(others);
    }

    /**
     * Puts the gradient of some examples of a step into the model: their share of the whole step's, whose normalisers and randomness they have.
     *
     * @param term of separable loss, with all examples of the step
     * @param from the first of them
     * @param to after the last
     */
    public <E> TermResult gradientOf(WeightedObjective<E> term, int from, int to, StepMetrics metrics) {
        if (!term.objective().separable() && !term.objective().hasConstantGradient()) {
            throw new IllegalStateException("a loss of the whole step at once cannot be cut into shards");
        }
        passes.zeroGradients();
        TermResult result = backward(term, from, to, metrics);
        passes.gatherGradients();
        return result;
    }

    private TermResult addGradients(List<WeightedObjective<?>> terms, StepMetrics metrics) {
        double loss = 0;
        long tokens = 0;
        for (WeightedObjective<?> term : terms) {
            TermResult result = backward(term, metrics);
            loss += term.weight() * result.loss();
            tokens += result.tokens();
        }
        passes.gatherGradients();
        return new TermResult(loss, tokens);
    }

    private void compareTwice(Canary watched, List<WeightedObjective<?>> terms, double loss) {
        Map<String, Long> first = watched.prints(Canary.gradients(model.trained()));
        double again = gradients(terms, new StepMetrics()).loss();
        watched.compareGradients(steps + 1, loss, again, first, watched.prints(Canary.gradients(model.trained())));
    }

    @Override
    public void verify() {
        canary.ifPresent(watched -> watched.check(steps, tensors()));
    }

    /**
     * Adds the gradients of some terms to those that are there since the last update, for callers whose steps come in parts.
     *
     * @return the loss of these terms
     */
    public double accumulate(List<WeightedObjective<?>> terms) {
        if (accumulates) {
            passes.addToGradients();
        } else {
            passes.zeroGradients();
        }
        accumulates = true;
        return addGradients(terms, new StepMetrics()).loss();
    }

    /** Whether {@link #accumulate} has been called since the last update. */
    public boolean hasGradients() {
        return accumulates;
    }

    /** Forgets what has been accumulated. */
    public void dropGradients() {
        accumulates = false;
    }

    /**
     * One update with the gradients that have been accumulated, which are gone then.
     *
     * @param settings of this update and those after it
     * @param clip largest norm of the gradients; 0 does not clip
     * @return the norm before it was clipped
     * @throws UserError where the norm is not finite; then nothing has changed
     * @throws Corruption where {@link #watch} finds something
     */
    public double update(double learningRate, AdamWSettings settings, double clip) {
        if (!accumulates) {
            throw new IllegalStateException("there are no gradients");
        }
        accumulates = false;
        double norm = GradientClipping.norm(model.trained(), model.kernels());
        if (!Double.isFinite(norm)) {
            throw new UserError("step " + (steps + 1) + ": the gradient's norm is " + norm
                    + ", but it must be finite; use a smaller learning rate, or look at the data");
        }
        verify();
        optimizer.use(settings);
        step(learningRate, GradientClipping.factor(norm, clip));
        return norm;
    }

    /** Parts of the step that are measured alone; 0 where it is not measured. */
    private int parts(List<WeightedObjective<?>> terms) {
        return noiseScale.filter(measured -> measured.isDue(steps)).isPresent() ? NoiseScale.parts(examples(terms)) : 0;
    }

    private static int examples(List<WeightedObjective<?>> terms) {
        return terms.stream().mapToInt(term -> term.examples().size()).min().orElse(0);
    }

    /** The mean over the parts of the squared norm of the gradient. */
    private double squaredNormOfParts(List<WeightedObjective<?>> terms, int parts) {
        double sum = 0;
        for (int part = 0; part < parts; part++) {
            passes.zeroGradients();
            NoiseScale.part(terms, part, parts).forEach(term -> backward(term, new StepMetrics()));
            passes.gatherGradients();
            double norm = GradientClipping.norm(model.trained(), model.kernels());
            sum += norm * norm;
        }
        return sum / parts;
    }

    private static void addTo(StepMetrics metrics, RouterStatistics routers) {
        metrics.set("router_entropy", routers.entropy());
        metrics.set("expert_share_max", routers.largestShare());
        metrics.set("expert_share_min", routers.smallestShare());
    }

    /** The learning rate after {@code done} steps. */
    public double learningRate(long done) {
        return peakLearningRate * schedule.factor(done);
    }

    /**
     * What a term, or the sum of all, gave.
     *
     * @param loss of these examples
     * @param tokens of these examples, unshared
     */
    public record TermResult(double loss, long tokens) {}

    private <E> TermResult backward(WeightedObjective<E> term, StepMetrics metrics) {
        return backward(term, 0, term.examples().size(), metrics);
    }

    private <E> TermResult backward(WeightedObjective<E> term, int from, int to, StepMetrics metrics) {
        Objective<E> objective = term.objective();
        MicroBatch.Laid<E> step = MicroBatch.Laid.of(term.examples(), objective);
        ModelPasses.ByReplica<MicroBatch<E>> batches = passes.cut(step, from, to, hasRouterLoss());
        EvaluatedBatch.StepTotals<E> totals = step.totals();
        long tokens = batches.all().stream()
                .mapToLong(batch -> batch.batch().unsharedTokens())
                .sum();
        double loss = 0;
        if (objective.hasConstantGradient()
                || objective.separable()
                || batches.all().size() == 1) {
            ModelPasses.Work<MicroBatch<E>, EvaluatedBatch<E>> work = objective.hasConstantGradient()
                    ? (pass, batch) -> linear(pass, batch, term, totals)
                    : (pass, batch) -> separable(pass, batch, term, totals);
            for (EvaluatedBatch<E> done : passes.map(batches, work).all()) {
                loss += done.loss();
                metrics.addAll(done.metrics());
            }
        } else {
            loss = twoPasses(batches, term, totals, metrics);
        }
        return new TermResult(loss, tokens);
    }

    private <E> EvaluatedBatch<E> linear(
            ModelPasses.Pass pass,
            MicroBatch<E> batch,
            WeightedObjective<E> term,
            EvaluatedBatch.StepTotals<E> totals) {
        EvaluatedBatch<E> gradient = new EvaluatedBatch<>(batch, totals);
        evaluate(term.objective(), gradient);
        scale(gradient.dLogProb(), term.weight());
        pass.model()
                .forwardBackward(
                        batch.batch(), request(batch, term, totals, true), gradient.dLogProb(), pass.outputs());
        EvaluatedBatch<E> evaluated = EvaluatedBatch.of(batch, totals, pass.outputs());
        evaluate(term.objective(), evaluated);
        addRouters(evaluated, pass, totals);
        return evaluated;
    }

    private <E> EvaluatedBatch<E> separable(
            ModelPasses.Pass pass,
            MicroBatch<E> batch,
            WeightedObjective<E> term,
            EvaluatedBatch.StepTotals<E> totals) {
        pass.model().forward(batch.batch(), request(batch, term, totals, true), pass.outputs());
        EvaluatedBatch<E> evaluated = EvaluatedBatch.of(batch, totals, pass.outputs());
        evaluate(term.objective(), evaluated);
        backward(pass, evaluated, term.weight());
        addRouters(evaluated, pass, totals);
        return evaluated;
    }

    private <E> double twoPasses(
            ModelPasses.ByReplica<MicroBatch<E>> batches,
            WeightedObjective<E> term,
            EvaluatedBatch.StepTotals<E> totals,
            StepMetrics metrics) {
        ModelPasses.ByReplica<EvaluatedBatch<E>> parts = passes.map(batches, (pass, batch) -> {
            pass.model().forward(batch.batch(), request(batch, term, totals, false), pass.outputs());
            return EvaluatedBatch.of(batch, totals, pass.outputs());
        });
        JoinedBatch<E> joined = new JoinedBatch<>(parts.all(), totals, metrics);
        term.objective().evaluate(joined);
        double loss = joined.loss();
        passes.map(parts, (pass, part) -> {
            pass.model().forward(part.of().batch(), request(part.of(), term, totals, true), pass.outputs());
            backward(pass, part, term.weight());
            addRouters(part, pass, totals);
            return part;
        });
        for (EvaluatedBatch<E> part : parts.all()) {
            loss += part.loss();
            metrics.addAll(part.metrics());
        }
        return loss;
    }

    /** One at a time: an objective of a user's may not be made for several threads. */
    private static <E> void evaluate(Objective<E> objective, EvaluatedBatch<E> batch) {
        synchronized (objective) {
            objective.evaluate(batch);
        }
    }

    private <E> ForwardRequest request(
            MicroBatch<E> batch, WeightedObjective<E> term, EvaluatedBatch.StepTotals<E> totals, boolean keep) {
        PackedBatch packed = batch.batch();
        return new ForwardRequest(
                        packed.targets() > 0 ? term.objective().statistics() : Set.of(),
                        term.objective().temperature(),
                        packed.scalars() > 0,
                        keep,
                        Optional.empty(),
                        keep && hasRouterLoss() ? term.weight() * share(packed, totals) : 0)
                .withDropout(new Dropout(dropout, model.adapterDropout(), dropoutKey, steps))
                .withLabelSmoothing(term.objective().labelSmoothing())
                .withTeacher(term.objective().teacher())
                .withNoise(new EmbeddingNoise(embeddingNoise, noiseKey, steps));
    }

    /** Whether routers are kept in balance: as in transformers, where a language model is trained. */
    private boolean hasRouterLoss() {
        return model.routerLoss() > 0 && model.heads().contains(Head.LANGUAGE);
    }

    /** A micro-batch's share of the step's tokens: the step's router loss is the mean of the micro-batches'. */
    private static double share(PackedBatch batch, EvaluatedBatch.StepTotals<?> totals) {
        return (double) batch.unsharedTokens() / totals.tokens();
    }

    /** What the routers did, and what they add to the loss of the step. */
    private void addRouters(EvaluatedBatch<?> batch, ModelPasses.Pass pass, EvaluatedBatch.StepTotals<?> totals) {
        pass.outputs()
                .routers()
                .ifPresent(routers -> batch.metrics().gather(RouterStatistics.class, routers, RouterStatistics::plus));
        if (!hasRouterLoss()) {
            return;
        }
        PackedBatch packed = batch.of().batch();
        double loss = pass.outputs().routerLoss();
        batch.metrics().mean("aux_loss", loss * packed.unsharedTokens(), packed.unsharedTokens());
        batch.addLoss(model.routerLoss() * share(packed, totals) * loss);
    }

    private static void backward(ModelPasses.Pass pass, EvaluatedBatch<?> evaluated, double weight) {
        scale(evaluated.dLogProb(), weight);
        scale(evaluated.dEntropy(), weight);
        scale(evaluated.dScalars(), weight);
        pass.model().backward(evaluated.of().batch(), evaluated.dLogProb(), evaluated.dEntropy(), evaluated.dScalars());
    }

    private static void scale(double[] values, double factor) {
        if (factor != 1) {
            for (int i = 0; i < values.length; i++) {
                values[i] *= factor;
            }
        }
    }

    /** Goes on as if so many steps were done: their number keys randomness. */
    public void setSteps(long number) {
        steps = number;
    }

    /** Updates that the moments are of. */
    public long updates() {
        return optimizer.steps();
    }

    /** Goes on as if the moments were of so many updates. */
    public void setUpdates(long number) {
        optimizer.setSteps(number);
    }

    /** Optimiser steps done. */
    public long steps() {
        return steps;
    }

    @Override
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Parameter parameter : model.trained().all()) {
            tensors.put("model." + parameter.name(), parameter.value());
        }
        optimizer.firstMoments().forEach((name, moment) -> tensors.put("first_moment." + name, moment));
        optimizer.secondMoments().forEach((name, moment) -> tensors.put("second_moment." + name, moment));
        return tensors;
    }

    /** Frees the optimiser's state; the model is its owner's. */
    @Override
    public void close() {
        optimizer.close();
    }

    @Override
    public void save(ObjectNode state) {
        state.put("steps", steps);
        state.put("optimizer_steps", optimizer.steps());
        noiseScale.ifPresent(measured -> measured.save(state));
    }

    @Override
    public void restore(ObjectNode state) {
        steps = state.get("steps").asLong();
        optimizer.setSteps(state.get("optimizer_steps").asLong());
        noiseScale.ifPresent(measured -> measured.restore(state));
        canary.ifPresent(watched -> watched.remember(tensors()));
    }
}
