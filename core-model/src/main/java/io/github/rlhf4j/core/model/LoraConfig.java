package io.github.rlhf4j.core.model;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A low-rank adapter (Hu et al. 2021, arXiv:2106.09685), with the names of peft's LoraConfig:
 *
 * <pre>
 *   y = W x + s B A x,   s = alpha / r, or alpha / sqrt(r) with use_rslora (Kalajdzievski 2023, arXiv:2312.03732)
 * </pre>
 *
 * @param r rank of each module's term, at least 1
 * @param alpha finite and > 0
 * @param useRslora whether the rank is divided by as its root
 * @param targets the modules that have one; empty: peft's choice for the model's family
 * @param variant dropout, DoRA and where A and B begin
 * @param saved what is trained as a whole
 */
public record LoraConfig(
        int r,
        double alpha,
        boolean useRslora,
        Optional<TargetModules> targets,
        LoraVariant variant,
        SavedModules saved) {
    private static final String SCORE = "score";

    /** As the paper has it, and nothing trained as a whole. */
    public LoraConfig(int r, double alpha, boolean useRslora, Optional<TargetModules> targets) {
        this(r, alpha, useRslora, targets, LoraVariant.PLAIN, SavedModules.NONE);
    }

    public LoraConfig {
        if (r < 1) {
            throw new IllegalArgumentException("r must be >= 1, but is " + r);
        }
        if (!(alpha > 0) || !Double.isFinite(alpha)) {
            throw new IllegalArgumentException("alpha must be finite and > 0, but is " + alpha);
        }
    }

    /** For a model with these heads: beside low-rank terms the head of a model without a language head is trained as a whole, as peft has it. */
    LoraConfig in(Family family, Set<Head> heads) {
        String head = heads.contains(Head.LABELS) ? family.labelsHead() : SCORE;
        return heads.contains(Head.LANGUAGE) || saved.contains(head)
                ? this
                : with(new SavedModules(
                        Stream.concat(saved.names().stream(), Stream.of(head)).toList(), saved.tied()));
    }

    /**
     * For a model beside the one that it is said for, with these heads: without the language head's term where that model has none.
     *
     * @throws io.github.rlhf4j.core.UserError where nothing is left
     */
    public LoraConfig without(Set<Head> heads) {
        Optional<TargetModules> rest = targets;
        if (!heads.contains(Head.LANGUAGE)) {
            rest = targets.map(TargetModules::withoutHead);
        }
        return new LoraConfig(r, alpha, useRslora, rest, variant, saved);
    }

    /** The same with other modules trained as a whole. */
    LoraConfig with(SavedModules other) {
        return new LoraConfig(r, alpha, useRslora, targets, variant, other);
    }

    /**
     * Of the files that hold it: where B A began as a part of the weights, they hold {@code B A - B0 A0} as terms of twice the rank, as peft converts such an adapter to a LoRA on the weights as they were. So anything that knows
     * LoRA can read them.
     */
    LoraConfig asWritten() {
        if (!variant.init().isPartOfTheWeight()) {
            return this;
        }
        LoraVariant plain = new LoraVariant(variant.dropout(), variant.useDora(), LoraInit.TRUE);
        return new LoraConfig(2 * r, alpha * (useRslora ? Math.sqrt(2) : 2), useRslora, targets, plain, saved);
    }

    /** s. */
    double scale() {
        return alpha / (useRslora ? Math.sqrt(r) : r);
    }

    /**
     * Checks that a model of this shape has what is targeted.
     *
     * @throws io.github.rlhf4j.core.UserError "KEY: ..." where it has not
     */
    public void check(ModelConfig model, Set<Head> heads) {
        AdapterLayout.of(model, heads, in(model.family(), heads));
    }

    /** The modules, in a model of that family. */
    TargetModules targetsIn(Family family) {
        return targets.orElseGet(() -> TargetModules.defaults(family));
    }
}
