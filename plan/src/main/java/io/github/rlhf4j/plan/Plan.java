package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.util.List;

/**
 * Everything that a model takes, for a reader and as JSON. The formulas are in docs/plan.md.
 *
 * <pre>{@code
 * Plan plan = Plan.of(PlanSubject.named("llama-2-7b", List.of()), PlanOptions.DEFAULT);
 * plan.lines().forEach(System.out::println);
 * }</pre>
 */
public final class Plan {
    private final Page page = new Page();

    private Plan(PlanSubject subject, PlanOptions options) {
        long length = options.workload().length().orElse(subject.usualLength());
        subject.shape()
                .ifPresent(shape -> Checks.require(
                        length <= shape.context(),
                        "--length must be at most the model's context, " + shape.context() + ", but is " + length
                                + "; max_position_embeddings=" + length + " after the name changes the context"));
        new SizePart(subject).write(page);
        TrainingPart training = new TrainingPart(subject, options, length);
        training.write(page);
        new MemoryPart(subject, options, length).write(page);
        new ChinchillaPart(subject, training.tokens()).write(page);
        options.hardware()
                .ifPresent(hardware -> new CostPart(subject, options, length, training, hardware).write(page));
        options.network().ifPresent(network -> new CommunicationPart(subject, options, length, network).write(page));
    }

    /**
     * Plans.
     *
     * @throws UserError where options and model do not belong together
     */
    public static Plan of(PlanSubject subject, PlanOptions options) {
        return new Plan(subject, options);
    }

    /** Lines for a reader. */
    public List<String> lines() {
        return page.lines();
    }

    /** The same for programs. */
    public ObjectNode json() {
        return page.json();
    }
}
