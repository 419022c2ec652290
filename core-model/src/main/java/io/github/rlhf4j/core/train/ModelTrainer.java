package io.github.rlhf4j.core.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.Dropout;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.AdamW;
import io.github.rlhf4j.core.optim.AdamWSettings;
import io.github.rlhf4j.core.optim.GradientClipping;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A model with its optimiser: owns cutting a step into micro-batches by tokens, normalisers, backward, clipping and the update. However a step is cut, the result is that of one batch, to rounding.
 *
 * <p>Not thread-safe. The state is the weights, the moments and the number of steps done.
 */
public final class ModelTrainer implements Stateful, AutoCloseable {
    private final Transformer model;
    private final AdamW optimizer;
    private final double peakLearningRate;
    private final LearningRateSchedule schedule;
    private final double maxGradNorm;
    private final int microBatchTokens;
    private final double dropout;
    private final CounterRandom dropoutKey;
    private final Outputs outputs = new Outputs();
    private long steps;

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
        model.parameters().enableGradients();
        model.useGradientCheckpointing(settings.gradientCheckpointing());
        this.optimizer = new AdamW(
                model.parameters(),
                new AdamWSettings(
                        settings.adamBeta1(), settings.adamBeta2(), settings.adamEpsilon(), settings.weightDecay()),
                model.kernels());
    }

    /** The model being trained. */
    public Transformer model() {
        return model;
    }

    /** Rows of a micro-batch. */
    public int microBatchTokens() {
        return microBatchTokens;
    }

    /** One optimiser step at the schedule's rate for the number of steps done so far. */
    public StepResult optimize(List<Term<?>> terms) {
        return optimize(terms, learningRate(steps), () -> true);
    }

    /**
     * One optimiser step at a given learning rate.
     *
     * @param accepted asked when loss and gradients are known: false leaves the model as it is
     */
    public StepResult optimize(List<Term<?>> terms, double learningRate, BooleanSupplier accepted) {
        model.parameters().zeroGradients();
        StepMetrics metrics = new StepMetrics();
        double loss = 0;
        long tokens = 0;
        for (Term<?> term : terms) {
            TermResult result = backward(term, metrics);
            loss += term.weight() * result.loss();
            tokens += result.tokens();
        }
        double norm = GradientClipping.norm(model.parameters(), model.kernels());
        if (accepted.getAsBoolean()) {
            checkFinite(loss, norm);
            optimizer.step(learningRate, GradientClipping.factor(norm, maxGradNorm));
            steps++;
        }
        return new StepResult(loss, norm, learningRate, tokens, metrics);
    }

    private void checkFinite(double loss, double gradientNorm) {
        if (!Double.isFinite(loss) || !Double.isFinite(gradientNorm)) {
            throw new UserError("step " + (steps + 1) + ": loss is " + loss + " and the gradient norm " + gradientNorm
                    + ", but both must be finite; use a smaller learning_rate or a max_grad_norm, or look at the data");
        }
    }

    /** The learning rate after {@code done} steps. */
    public double learningRate(long done) {
        return peakLearningRate * schedule.factor(done);
    }

    private record TermResult(double loss, long tokens) {}

    private <E> TermResult backward(Term<E> term, StepMetrics metrics) {
        Objective<E> objective = term.objective();
        List<List<TokenSequence>> layouts = new ArrayList<>();
        for (E example : term.examples()) {
            layouts.add(objective.layout(example));
        }
        List<MicroBatch<E>> batches = MicroBatch.cut(term.examples(), layouts, microBatchTokens, hasRouterLoss());
        long targets = batches.stream().mapToLong(MicroBatch::targets).sum();
        long tokens = batches.stream()
                .mapToLong(batch -> batch.batch().unsharedTokens())
                .sum();
        var totals = new EvaluatedBatch.StepTotals<>(term.examples(), targets, tokens);
        double loss = 0;
        if (objective.linear()) {
            for (MicroBatch<E> batch : batches) {
                loss += linearPass(batch, term, totals, metrics);
            }
        } else if (objective.separable() || batches.size() == 1) {
            for (MicroBatch<E> batch : batches) {
                forward(batch, term, totals, true);
                EvaluatedBatch<E> evaluated = evaluated(batch, totals, metrics);
                objective.evaluate(evaluated);
                backward(batch, evaluated, term.weight());
                loss += evaluated.loss() + routerLoss(batch, totals, metrics);
            }
        } else {
            loss = twoPasses(batches, term, totals, metrics);
        }
        return new TermResult(loss, tokens);
    }

    private <E> double linearPass(
            MicroBatch<E> batch, Term<E> term, EvaluatedBatch.StepTotals<E> totals, StepMetrics metrics) {
        Objective<E> objective = term.objective();
        EvaluatedBatch<E> gradient =
                new EvaluatedBatch<>(batch.examples(), totals, batch.batch(), batch.firstSequence(), new StepMetrics());
        objective.evaluate(gradient);
        scale(gradient.dLogProb(), term.weight());
        model.forwardBackward(batch.batch(), request(batch, term, totals, true), gradient.dLogProb(), outputs);
        EvaluatedBatch<E> evaluated = evaluated(batch, totals, metrics);
        objective.evaluate(evaluated);
        return evaluated.loss() + routerLoss(batch, totals, metrics);
    }

    private <E> double twoPasses(
            List<MicroBatch<E>> batches, Term<E> term, EvaluatedBatch.StepTotals<E> totals, StepMetrics metrics) {
        List<EvaluatedBatch<E>> parts = new ArrayList<>();
        for (MicroBatch<E> batch : batches) {
            forward(batch, term, totals, false);
            parts.add(evaluated(batch, totals, metrics));
        }
        JoinedBatch<E> joined = new JoinedBatch<>(parts, totals, metrics);
        term.objective().evaluate(joined);
        double loss = joined.loss();
        for (int i = 0; i < batches.size(); i++) {
            forward(batches.get(i), term, totals, true);
            backward(batches.get(i), parts.get(i), term.weight());
            loss += routerLoss(batches.get(i), totals, metrics);
        }
        return loss;
    }

    private <E> void forward(MicroBatch<E> batch, Term<E> term, EvaluatedBatch.StepTotals<E> totals, boolean keep) {
        model.forward(batch.batch(), request(batch, term, totals, keep), outputs);
    }

    private <E> ForwardRequest request(
            MicroBatch<E> batch, Term<E> term, EvaluatedBatch.StepTotals<E> totals, boolean keep) {
        PackedBatch packed = batch.batch();
        return new ForwardRequest(
                        packed.targets() > 0 ? term.objective().statistics() : Set.of(),
                        term.objective().temperature(),
                        packed.reads() > 0,
                        keep,
                        Optional.empty(),
                        keep && hasRouterLoss() ? term.weight() * share(packed, totals) : 0)
                .withDropout(new Dropout(dropout, dropoutKey, steps));
    }

    /** Whether routers are kept in balance: as in transformers, where a language model is trained. */
    private boolean hasRouterLoss() {
        return model.config().feedForward().routerLoss() > 0 && model.heads().contains(Head.LANGUAGE);
    }

    /** A micro-batch's share of the step's tokens: the step's router loss is the mean of the micro-batches'. */
    private static double share(PackedBatch batch, EvaluatedBatch.StepTotals<?> totals) {
        return (double) batch.unsharedTokens() / totals.tokens();
    }

    /** What the routers add to the loss of the step. */
    private double routerLoss(MicroBatch<?> batch, EvaluatedBatch.StepTotals<?> totals, StepMetrics metrics) {
        if (!hasRouterLoss()) {
            return 0;
        }
        long tokens = batch.batch().unsharedTokens();
        metrics.mean("aux_loss", outputs.routerLoss() * tokens, tokens);
        return model.config().feedForward().routerLoss() * share(batch.batch(), totals) * outputs.routerLoss();
    }

    private <E> EvaluatedBatch<E> evaluated(
            MicroBatch<E> batch, EvaluatedBatch.StepTotals<E> totals, StepMetrics metrics) {
        return EvaluatedBatch.of(batch.examples(), totals, batch.batch(), batch.firstSequence(), outputs, metrics);
    }

    private void backward(MicroBatch<?> batch, EvaluatedBatch<?> evaluated, double weight) {
        scale(evaluated.dLogProb(), weight);
        scale(evaluated.dEntropy(), weight);
        scale(evaluated.dReads(), weight);
        model.backward(batch.batch(), evaluated.dLogProb(), evaluated.dEntropy(), evaluated.dReads());
    }

    private static void scale(double[] values, double factor) {
        if (factor != 1) {
            for (int i = 0; i < values.length; i++) {
                values[i] *= factor;
            }
        }
    }

    /** Optimiser steps done. */
    public long steps() {
        return steps;
    }

    @Override
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Parameter parameter : model.parameters().all()) {
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
    }

    @Override
    public void restore(ObjectNode state) {
        steps = state.get("steps").asLong();
        optimizer.setSteps(state.get("optimizer_steps").asLong());
    }
}
