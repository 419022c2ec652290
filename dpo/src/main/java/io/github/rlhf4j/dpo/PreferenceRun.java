package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What surrounds a preference loss, whichever it is: the policy and its texts, the reference, the checks of the start, the model that is written. Owns all of it.
 *
 * @param <T> the example
 */
final class PreferenceRun<T> implements AutoCloseable {
    private final PolicySettings config;
    private final StageContext context;
    private final ResponseLayout<T> layout;
    private final ResponseSums sums;
    private final boolean needsReference;
    private final ModelText text;
    private final Transformer policy;
    private final Reference<T> reference;

    private PreferenceRun(
            PolicySettings config,
            StageContext context,
            ResponseLayout<T> layout,
            ResponseSums sums,
            boolean needsReference,
            ModelText text,
            Transformer policy) {
        this.config = config;
        this.context = context;
        this.layout = layout;
        this.sums = sums;
        this.needsReference = needsReference;
        this.text = text;
        this.policy = policy;
        this.reference = needsReference
                ? ReferenceFactory.of(config, policy, layout, sums, context)
                : new Reference.None<>(layout);
    }

    /**
     * Opens the model to start from and the reference.
     *
     * @param layout what the reference is asked about an example
     * @param sums how log-probs are summed
     * @param needsReference whether the loss reads its log-probs
     */
    static <T> PreferenceRun<T> open(
            PolicySettings config,
            StageContext context,
            ResponseLayout<T> layout,
            ResponseSums sums,
            boolean needsReference) {
        Path start = config.model().directory();
        ModelText text = ModelText.open(start, context.cacheDirectory());
        try {
            Transformer policy = config.tuning().load(config.model(), Set.of(Head.LANGUAGE), context);
            try {
                config.routers().applyTo(policy, config.model());
                return new PreferenceRun<>(config, context, layout, sums, needsReference, text, policy);
            } catch (RuntimeException | Error e) {
                policy.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            text.close();
            throw e;
        }
    }

    Transformer policy() {
        return policy;
    }

    Tokenizer tokenizer() {
        return text.tokenizer();
    }

    Reference<T> reference() {
        return reference;
    }

    /** The policy as it is now. */
    ResponseLogProbs policyLogProbs() {
        return new ModelScorer(policy, config.training().optimizer(0), sums);
    }

    /** How rows become tokens. */
    TokenizingOptions tokenizing() {
        return config.data().tokenizing(policy.config().maxPositions(), true, false);
    }

    /** The rows as tokens. */
    <R extends DataRecord, E> TrainingData.Split<E> load(TrainingData data, ExampleKind<R, E> rows) {
        return data.load(config.data(), rows, text.cache(), tokenizing(), context);
    }

    /**
     * What must hold before the first step.
     *
     * @param first the batch of step 1
     * @param names what a person sees of the first example's responses, in the order of its layout
     * @param hence what follows where the policy is the reference
     */
    void checkStart(List<WithRefLogProbs<T>> first, String[] names, String hence) {
        SelfChecks<T> checks = new SelfChecks<>(context, tokenizer(), layout);
        checks.showRow(first.get(0).tokens(), names);
        if (config.data().truncationMode() != TruncationMode.KEEP_START) {
            checks.endTokenIsTrained(first);
        }
        if (needsReference && config.reference().isStart(config.model()) && !context.resumed()) {
            checks.policyIsTheReference(first, policyLogProbs(), hence);
        }
    }

    /** Writes the policy as a Hugging Face directory, and its adapter, if it has one, as another. */
    void save() {
        config.tuning().saveAndMerge(policy, config.model(), context);
        policy.save(
                context.directory().resolve("model"),
                Optional.of(config.model().directory()),
                config.training().save().format());
    }

    @Override
    public void close() {
        reference.close();
        policy.close();
        text.close();
    }
}
