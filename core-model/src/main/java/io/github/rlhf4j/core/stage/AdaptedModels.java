package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.WeightType;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The models of a stage that trains an adapter: those on one base share its matrices and activations, so that a reference, a reward model and a value model cost what their adapters do.
 *
 * <p>A forward pass of one ends what can be done with another's. Each model is its receiver's, to be closed in the reverse order, before the model that is trained.
 */
public final class AdaptedModels {
    private final Transformer trained;
    private final TuningConfig tuning;
    private final ModelReference start;
    private final StageContext context;
    private final Map<Path, Transformer> bases = new HashMap<>(); // looked up only

    /**
     * Around a model that {@link TuningConfig#load} gave, not trained yet.
     *
     * @param start what it was loaded from
     */
    public AdaptedModels(Transformer trained, TuningConfig tuning, ModelReference start, StageContext context) {
        this.trained = trained;
        this.tuning = tuning;
        this.start = start;
        this.context = context;
        if (!tuning.mergesFirst(start)) {
            bases.put(start.directory(), trained);
        }
    }

    /** The model that training starts from, which stays: the base where the adapter is new, else the base with the adapter as it is now. */
    public Transformer start() {
        Transformer model = trained.sharing(start.directory(), trained.heads(), Optional.empty());
        if (tuning.goesOn(start)) {
            model.loadAdapter(start.adapter().orElseThrow().directory());
        }
        return model;
    }

    /** A model that is not trained. */
    public Transformer frozen(ModelReference model, Set<Head> heads) {
        if (model.isSame(start) && heads.equals(trained.heads())) {
            return start();
        }
        Transformer loaded = onBase(model, heads, model.headToReplace(heads));
        model.adapter().ifPresent(adapter -> loaded.loadAdapter(adapter.directory()));
        return loaded;
    }

    /**
     * A model with an adapter to train: its own, or a new one like that of the model that is trained.
     *
     * @param name of what its adapter is drawn from
     * @param freshHead draws a scalar head that nothing has
     */
    public Transformer toTrain(ModelReference model, Set<Head> heads, CounterRandom freshHead, String name) {
        Transformer loaded = onBase(model, heads, Optional.of(freshHead));
        if (model.adapter().isPresent() && !isMerged(model)) {
            loaded.loadAdapterToTrain(model.adapter().get().directory());
        } else {
            loaded.addAdapter(lora().without(heads), context.random().derive(name));
        }
        return loaded;
    }

    private LoraConfig lora() {
        return tuning.adapter()
                .map(AdapterConfig::lora)
                .orElseGet(() -> trained.adapter().orElseThrow().config());
    }

    private boolean isMerged(ModelReference model) {
        return tuning.mergesFirst(start) && model.isSame(start);
    }

    private Transformer onBase(ModelReference model, Set<Head> heads, Optional<CounterRandom> freshHead) {
        Transformer base = isMerged(model) ? trained : bases.get(model.directory());
        if (base != null && hasMatrices(base, heads)) {
            return base.sharing(model.directory(), heads, freshHead);
        }
        Transformer loaded =
                Transformer.load(model.directory(), heads, context.kernels(), freshHead, WeightType.FLOAT32);
        bases.put(model.directory(), loaded);
        return loaded;
    }

    private static boolean hasMatrices(Transformer base, Set<Head> heads) {
        EnumSet<Head> others = EnumSet.copyOf(heads);
        others.remove(Head.SCALAR);
        return base.heads().containsAll(others);
    }
}
