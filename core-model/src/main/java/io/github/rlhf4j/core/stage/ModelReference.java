package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.ScoreStatistics;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.WeightType;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A model as a stage's config names it: the folder that holds it, and perhaps an adapter on it.
 *
 * @param given what the run file says: a path or the name of an earlier stage
 * @param directory the Hugging Face directory that it means; with an adapter, of its base
 * @param outline what is known of it before the run starts
 * @param name what the run file calls it, where it is one of a map of models
 * @param adapter what is put on it
 */
public record ModelReference(
        String given,
        Path directory,
        Optional<ModelOutline> outline,
        Optional<String> name,
        Optional<AdapterReference> adapter) {
    /** A model without a name of its own. */
    public ModelReference(String given, Path directory, Optional<ModelOutline> outline) {
        this(given, directory, outline, Optional.empty(), Optional.empty());
    }

    /** A model of which nothing is known yet. */
    public ModelReference(String given, Path directory) {
        this(given, directory, Optional.empty());
    }

    /** The same model under a name. */
    public ModelReference named(String newName) {
        return new ModelReference(given, directory, outline, Optional.of(newName), adapter);
    }

    /** This model with an adapter on it. */
    public ModelReference with(AdapterReference onIt) {
        return new ModelReference(given, directory, outline, name, Optional.of(onIt));
    }

    /** Whether both mean the same weights. */
    public boolean isSame(ModelReference other) {
        return directory.equals(other.directory)
                && adapter.map(AdapterReference::directory).equals(other.adapter.map(AdapterReference::directory));
    }

    /** What is stored about the scores of a reward model. */
    public Optional<ScoreStatistics> scoreStatistics() {
        return adapter.isPresent()
                ? AdapterDirectory.open(adapter.get().directory()).scoreStatistics()
                : HuggingFaceConfig.read(directory).scoreStatistics();
    }

    /** What to call it in a message. */
    public String shown() {
        return adapter.map(its -> given + " with adapter " + its.given()).orElse(given);
    }

    /**
     * The model as a whole, an adapter merged into its weights. To be closed by the caller.
     *
     * @throws io.github.rlhf4j.core.UserError where a folder cannot be read, or the adapter does not fit
     */
    public Transformer load(Set<Head> heads, Kernels kernels) {
        return merged(base(heads, kernels, headToReplace(heads), WeightType.FLOAT32));
    }

    /** What draws a scalar head that the adapter's then replaces; empty where the adapter has none. */
    Optional<CounterRandom> headToReplace(Set<Head> heads) {
        return adapter.filter(its -> heads.contains(Head.SCALAR)
                        && AdapterDirectory.open(its.directory()).hasScalarHead())
                .map(its -> CounterRandom.of(0));
    }

    /** As {@link #load(Set, Kernels)}; a scalar head that nothing has is drawn from {@code freshHead}. */
    public Transformer load(Set<Head> heads, Kernels kernels, CounterRandom freshHead) {
        return merged(base(heads, kernels, Optional.of(freshHead), WeightType.FLOAT32));
    }

    private Transformer merged(Transformer model) {
        model.adapter().ifPresent(its -> model.mergeAdapter());
        return model;
    }

    /** The model, with the adapter on it where there is one. */
    Transformer base(Set<Head> heads, Kernels kernels, Optional<CounterRandom> freshHead, WeightType weights) {
        Transformer model = Transformer.load(directory, heads, kernels, freshHead, weights);
        try {
            adapter.ifPresent(its -> model.loadAdapter(its.directory()));
            return model;
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }
}
