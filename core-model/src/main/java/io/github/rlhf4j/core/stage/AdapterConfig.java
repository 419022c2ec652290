package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.StoredAdapter;
import io.github.rlhf4j.core.model.TargetModules;
import io.github.rlhf4j.core.model.Transformer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The adapter that a stage trains instead of the model's own weights ({@link LoraConfig}). Defaults are those of TRL 1.16's ModelConfig.
 *
 * @param r rank; default 16
 * @param alpha default 32; the terms are multiplied by alpha / r
 * @param useRslora by alpha / sqrt(r) instead; default false
 * @param targetModules the linear layers that have one, by the ends of their names; {@code all-linear}; or a regular expression for whole names; empty: peft's choice for the model's family
 * @param variant what is other than in the paper
 * @param saved what is trained as a whole
 */
public record AdapterConfig(
        OptionalInt r,
        OptionalDouble alpha,
        Optional<Boolean> useRslora,
        List<String> targetModules,
        AdapterVariantConfig variant,
        SavedModulesConfig saved) {
    /** A plain LoRA. */
    public AdapterConfig(OptionalInt r, OptionalDouble alpha, Optional<Boolean> useRslora, List<String> targetModules) {
        this(r, alpha, useRslora, targetModules, AdapterVariantConfig.PLAIN, SavedModulesConfig.NONE);
    }

    /** All by default. */
    public static final AdapterConfig DEFAULT =
            new AdapterConfig(OptionalInt.empty(), OptionalDouble.empty(), Optional.empty(), List.of());

    private static final int RANK = 16;
    private static final double ALPHA = 32;
    private static final int LARGEST_RANK = 1 << 16;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.]+");
    private static final String TARGETS = "target_modules";

    public AdapterConfig {
        targetModules = List.copyOf(targetModules);
        int rank = r.orElse(RANK);
        checkConfig(rank >= 1 && rank <= LARGEST_RANK, "r", rank, "must be in 1 .. " + LARGEST_RANK);
        double factor = alpha.orElse(ALPHA);
        checkConfig(factor > 0 && Double.isFinite(factor), "alpha", factor, "must be finite and > 0");
        if (isExpression(targetModules)) {
            try {
                TargetModules.matching(targetModules.get(0));
            } catch (PatternSyntaxException e) {
                checkConfig(false, TARGETS, targetModules.get(0), "must be names, all-linear or a regular expression");
            }
        } else {
            targetModules.forEach(name -> checkConfig(
                    NAME.matcher(name).matches(),
                    TARGETS,
                    name,
                    "must be names, or one text: all-linear or an expression"));
        }
    }

    private static boolean isExpression(List<String> targets) {
        return targets.size() == 1 && !NAME.matcher(targets.get(0)).matches();
    }

    /** What the model is told. */
    public LoraConfig lora() {
        Optional<TargetModules> targets = targetModules.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        isExpression(targetModules)
                                ? TargetModules.matching(targetModules.get(0))
                                : TargetModules.named(targetModules));
        return new LoraConfig(
                r.orElse(RANK),
                alpha.orElse(ALPHA),
                useRslora.orElse(false),
                targets,
                variant.variant(),
                saved.modules());
    }

    /**
     * Checks that a model of this shape has what the adapter is to be on.
     *
     * @throws io.github.rlhf4j.core.UserError "KEY: ..." where it has not
     */
    public void check(ModelConfig model, Set<Head> heads) {
        lora().check(model, heads);
    }

    /**
     * Puts a fresh adapter on the model that is trained; before anything else is done with it.
     *
     * @throws io.github.rlhf4j.core.UserError where a target is no layer of the model
     */
    public void addTo(Transformer model, StageContext context) {
        model.addAdapter(lora(), context.random().derive("adapter"));
        context.note(String.format(
                Locale.ROOT,
                "an adapter is trained: %,d weights, beside %,d that stay",
                model.trained().count(),
                model.parameters().count()));
    }

    /** The first key that is given and is not so in {@code stored}, with both values. */
    Optional<String> differenceFrom(StoredAdapter stored) {
        LoraConfig own = lora();
        LoraConfig its = stored.config();
        if (r.isPresent() && own.r() != its.r()) {
            return Optional.of("adapter.r is " + own.r() + ", but " + its.r());
        }
        if (alpha.isPresent() && own.alpha() != its.alpha()) {
            return Optional.of("adapter.alpha is " + own.alpha() + ", but " + its.alpha());
        }
        if (useRslora.isPresent() && own.useRslora() != its.useRslora()) {
            return Optional.of("adapter.use_rslora is " + own.useRslora() + ", but " + its.useRslora());
        }
        if (variant.dropout().isPresent()
                && own.variant().dropout() != its.variant().dropout()) {
            return Optional.of("adapter.dropout is " + own.variant().dropout() + ", but "
                    + its.variant().dropout());
        }
        if (variant.useDora().isPresent()
                && own.variant().useDora() != its.variant().useDora()) {
            return Optional.of("adapter.use_dora is " + own.variant().useDora() + ", but "
                    + its.variant().useDora());
        }
        if (variant.init().isPresent()) {
            return Optional.of(
                    "adapter.init is " + own.variant().init().configName() + ", but nothing begins any more");
        }
        if (!stored.saves(saved.modulesToSave())) {
            return Optional.of("adapter.modules_to_save is " + saved.modulesToSave() + ", but "
                    + its.saved().names());
        }
        if (saved.ensureWeightTying().isPresent()
                && own.saved().tied() != its.saved().tied()) {
            return Optional.of("adapter.ensure_weight_tying is " + own.saved().tied() + ", but "
                    + its.saved().tied());
        }
        return own.targets()
                .filter(targets -> !stored.isOn(targets))
                .map(targets -> "adapter.target_modules is " + targetModules + ", but other layers have one");
    }
}
