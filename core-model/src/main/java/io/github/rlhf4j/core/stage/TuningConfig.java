package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.StoredAdapter;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.WeightType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What of its model a stage trains: all weights, or an adapter, a new one or the one that the model has.
 *
 * @param adapter a new adapter is trained; absent: the model's own adapter, or else all weights
 * @param mergeAdapter whether the model's own adapter becomes part of its weights first; absent: it does not
 * @param baseWeights how the weights that the adapter is on are held in memory; absent: float32
 */
public record TuningConfig(
        Optional<AdapterConfig> adapter, Optional<Boolean> mergeAdapter, Optional<WeightType> baseWeights)
        implements ConfigGroup {
    /** What the model has is trained. */
    public static final TuningConfig NONE = new TuningConfig(Optional.empty(), Optional.empty(), Optional.empty());

    /** The folder of the model that an adapter was put on, where no other folder holds it. */
    private static final String BASE = "base";

    private static final String MERGE_KEY = "merge_adapter";

    /** This with a new adapter. */
    public TuningConfig with(AdapterConfig fresh) {
        return new TuningConfig(Optional.of(fresh), mergeAdapter, baseWeights);
    }

    /** This with the model's own adapter merged first, or not. */
    public TuningConfig withMergeAdapter(boolean value) {
        return new TuningConfig(adapter, Optional.of(value), baseWeights);
    }

    /** This with the weights that the adapter is on held in another form. */
    public TuningConfig withBaseWeights(WeightType value) {
        return new TuningConfig(adapter, mergeAdapter, Optional.of(value));
    }

    /** How the weights that the adapter is on are held in memory. */
    public WeightType weights() {
        return baseWeights.orElse(WeightType.FLOAT32);
    }

    /** Whether a stage that starts from that model trains an adapter. */
    public boolean trainsAdapter(ModelReference model) {
        return adapter.isPresent() || goesOn(model);
    }

    /** Whether it is the model's own that is trained on. */
    public boolean goesOn(ModelReference model) {
        return model.adapter().isPresent() && !merges();
    }

    /** Whether that model's adapter becomes part of its weights before anything is trained. */
    boolean mergesFirst(ModelReference model) {
        return model.adapter().isPresent() && merges();
    }

    /** The folder of the model that the adapter is on. */
    public Path base(ModelReference start, StageContext context) {
        return mergesFirst(start) ? context.directory().resolve(BASE) : start.directory();
    }

    private boolean merges() {
        return mergeAdapter.orElse(false);
    }

    /** Checks that no key does nothing for that model. */
    public void checkKeysFor(ModelReference model) {
        checkConfig(
                mergeAdapter.isEmpty() || model.adapter().isPresent(),
                MERGE_KEY,
                mergeAdapter.orElse(false),
                "does nothing where model is not {base: .., adapter: ..}, so must be left out");
        checkConfig(
                baseWeights.isEmpty() || trainsAdapter(model),
                "base_weights",
                weights().name().toLowerCase(Locale.ROOT),
                "does nothing where no adapter is trained, so must be left out; adapter: {r: 16} trains one");
    }

    /**
     * Before a run: whether the adapter that the model has fits it, as far as both exist, and is the one that the stage's own keys tell of.
     *
     * @throws UserError where it does not
     */
    public void check(ModelReference model, Set<Head> heads) {
        model.adapter()
                .filter(own -> Files.isRegularFile(model.directory().resolve("config.json"))
                        && Files.isDirectory(own.directory()))
                .ifPresent(own -> check(own, model, heads));
    }

    private void check(AdapterReference own, ModelReference model, Set<Head> heads) {
        ModelConfig shape =
                ModelConfig.from(ModelDirectory.open(model.directory()).config());
        StoredAdapter stored = StoredAdapter.of(own.directory(), shape, heads);
        if (!goesOn(model)) {
            return;
        }
        if (heads.equals(Set.of(Head.SCALAR))
                && !AdapterDirectory.open(own.directory()).hasScalarHead()) {
            throw new UserError("the adapter " + own.given()
                    + " has no scalar head, so it is no reward model's; merge it first with " + MERGE_KEY + ": true");
        }
        adapter.ifPresent(given -> requireSame(given, stored, own));
    }

    private static void requireSame(AdapterConfig given, StoredAdapter stored, AdapterReference own) {
        given.differenceFrom(stored).ifPresent(how -> {
            throw new UserError(how + " in the adapter "
                    + own.given()
                    + ", which the stage goes on training; leave the key out, or merge that adapter first with "
                    + MERGE_KEY + ": true");
        });
    }

    /**
     * The model as the stage trains it. To be closed by the caller, and to be written by {@link #saveAndMerge}.
     *
     * @throws UserError where a folder cannot be read, or an adapter does not fit
     */
    public Transformer load(ModelReference model, Set<Head> heads, StageContext context) {
        return load(model, heads, context, Optional.empty());
    }

    /** As {@link #load(ModelReference, Set, StageContext)}; a scalar head that nothing has is drawn from {@code freshHead}. */
    public Transformer load(
            ModelReference model, Set<Head> heads, StageContext context, Optional<CounterRandom> freshHead) {
        check(model, heads);
        Transformer loaded = mergesFirst(model)
                ? merged(model, heads, context, freshHead)
                : model.base(heads, context.kernels(), freshHead, weights());
        try {
            if (loaded.adapter().isEmpty()) {
                adapter.ifPresent(fresh -> fresh.addTo(loaded, context));
            } else {
                context.note(String.format(
                        Locale.ROOT,
                        "the adapter %s is trained: %,d weights, beside %,d that stay",
                        model.adapter().orElseThrow().given(),
                        loaded.trained().count(),
                        loaded.parameters().count()));
            }
            return loaded;
        } catch (RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
    }

    /** The model with its own adapter in its weights; where a new one is trained on it, it is written too. */
    private Transformer merged(
            ModelReference model, Set<Head> heads, StageContext context, Optional<CounterRandom> freshHead) {
        Path base = context.directory().resolve(BASE);
        Transformer loaded = model.base(heads, context.kernels(), freshHead, WeightType.FLOAT32);
        try {
            loaded.mergeAdapter();
            boolean isParted = loaded.adapter()
                    .isPresent(); // its head is another matrix than the embedding now, when it is read again
            if (adapter.isPresent() || isParted) {
                loaded.save(base, Optional.of(model.directory()));
            }
            if (!weights().isCompact() && !isParted) {
                return loaded;
            }
        } catch (RuntimeException | Error e) {
            loaded.close();
            throw e;
        }
        loaded.close();
        return Transformer.load(base, heads, context.kernels(), freshHead, weights());
    }

    /**
     * Writes the adapter alone, {@code adapter/} in the stage's folder, as peft does, and merges it into the model, which then is saved as a whole one. Does nothing where the model has none.
     *
     * @param start what the stage started from
     */
    public void saveAndMerge(Transformer model, ModelReference start, StageContext context) {
        if (model.adapter().isPresent()) {
            model.saveAdapter(
                    context.directory().resolve("adapter"), base(start, context).toString());
            model.mergeAdapter();
        }
    }
}
