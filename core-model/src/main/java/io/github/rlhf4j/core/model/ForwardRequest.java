package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.LogitStatistics;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a forward pass is asked for.
 *
 * @param statistics columns of the language head at the targets; empty: the head is not run
 * @param temperature divides the logits, > 0
 * @param scalars whether the scalar head is read at the batch's scalar rows
 * @param keepForBackward whether a backward pass follows
 * @param dropout training only
 * @param labelSmoothing epsilon of a target that is one in 1 - epsilon and spread evenly over the vocabulary in epsilon: LOG_PROB is then its cross-entropy, negated; 0 for none
 * @param noise on the embeddings, training only
 * @param teacher what LOG_PROB compares with instead of the target: it is then the divergence from the teacher's distribution, negated
 * @param routerLoss with experts: factor of the routers' load-balancing loss times its coefficient, which the backward pass adds; 0 for none. The batch must hold whole sequences
 */
public record ForwardRequest(
        Set<LogitStatistics.Column> statistics,
        double temperature,
        boolean scalars,
        boolean keepForBackward,
        Optional<Dropout> dropout,
        double labelSmoothing,
        Optional<EmbeddingNoise> noise,
        Optional<Teacher> teacher,
        double routerLoss) {
    public ForwardRequest {
        if (!(temperature > 0) || Double.isInfinite(temperature)) {
            throw new IllegalArgumentException("temperature must be finite and > 0, but is " + temperature);
        }
    }

    /** Without label smoothing, noise and teacher. */
    public ForwardRequest(
            Set<LogitStatistics.Column> statistics,
            double temperature,
            boolean scalars,
            boolean keepForBackward,
            Optional<Dropout> dropout,
            double routerLoss) {
        this(
                statistics,
                temperature,
                scalars,
                keepForBackward,
                dropout,
                0,
                Optional.empty(),
                Optional.empty(),
                routerLoss);
    }

    /** Log-probabilities of the targets at temperature 1, no backward pass. */
    public static ForwardRequest logProbs() {
        return new ForwardRequest(EnumSet.of(LogitStatistics.Column.LOG_PROB), 1, false, false, Optional.empty(), 0);
    }

    /** The scalar head alone, no backward pass. */
    public static ForwardRequest scores() {
        return new ForwardRequest(EnumSet.noneOf(LogitStatistics.Column.class), 1, true, false, Optional.empty(), 0);
    }

    /** The same with other statistics. */
    public ForwardRequest with(Set<LogitStatistics.Column> newStatistics) {
        return but(draft -> draft.statistics = newStatistics);
    }

    /** The same at another temperature. */
    public ForwardRequest withTemperature(double newTemperature) {
        return but(draft -> draft.temperature = newTemperature);
    }

    /** The same, reading the scalar head. */
    public ForwardRequest withScalars() {
        return but(draft -> draft.scalars = true);
    }

    /** The same, with a backward pass to follow. */
    public ForwardRequest forTraining() {
        return but(draft -> draft.keepForBackward = true);
    }

    /** The same with dropout; a rate of 0 is none. */
    public ForwardRequest withDropout(Dropout newDropout) {
        return but(draft -> draft.dropout =
                Optional.of(newDropout).filter(wanted -> wanted.rate() > 0 || wanted.adapterRate() > 0));
    }

    /** The same with smoothed targets. */
    public ForwardRequest withLabelSmoothing(double epsilon) {
        return but(draft -> draft.labelSmoothing = epsilon);
    }

    /** The same with noise; an alpha of 0 is none. */
    public ForwardRequest withNoise(EmbeddingNoise newNoise) {
        return but(draft -> draft.noise = Optional.of(newNoise).filter(wanted -> wanted.alpha() > 0));
    }

    /** The same with the routers' loss. */
    public ForwardRequest withRouterLoss(double factor) {
        return but(draft -> draft.routerLoss = factor);
    }

    /** The same with a teacher. */
    public ForwardRequest withTeacher(Optional<Teacher> newTeacher) {
        return but(draft -> draft.teacher = newTeacher);
    }

    private ForwardRequest but(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.request();
    }

    /** A request while one thing of it is changed. */
    private static final class Draft {
        private Set<LogitStatistics.Column> statistics;
        private double temperature;
        private boolean scalars;
        private boolean keepForBackward;
        private Optional<Dropout> dropout;
        private double labelSmoothing;
        private Optional<EmbeddingNoise> noise;
        private Optional<Teacher> teacher;
        private double routerLoss;

        Draft(ForwardRequest from) {
            statistics = from.statistics;
            temperature = from.temperature;
            scalars = from.scalars;
            keepForBackward = from.keepForBackward;
            dropout = from.dropout;
            labelSmoothing = from.labelSmoothing;
            noise = from.noise;
            teacher = from.teacher;
            routerLoss = from.routerLoss;
        }

        ForwardRequest request() {
            return new ForwardRequest(
                    statistics,
                    temperature,
                    scalars,
                    keepForBackward,
                    dropout,
                    labelSmoothing,
                    noise,
                    teacher,
                    routerLoss);
        }
    }
}
