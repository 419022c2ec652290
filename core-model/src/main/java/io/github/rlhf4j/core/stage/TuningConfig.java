package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.StoredAdapter;
import io.github.rlhf4j.core.model.Transformer;
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
 */
public record TuningConfig(Optional<AdapterConfig> adapter, Optional<Boolean> mergeAdapter) implements ConfigGroup {
    /** What the model has is trained. */
    public static final TuningConfig NONE = new TuningConfig(Optional.empty(), Optional.empty());

    /** The folder of the model that an adapter was put on, where no other folder holds it. */
    private static final String BASE = "base";

    private static final String MERGE_KEY = "merge_adapter";

    /** This with a new adapter. */
    public TuningConfig with(AdapterConfig fresh) {
        return new TuningConfig(Optional.of(fresh), mergeAdapter);
    }

    /** This with the model's own adapter merged first, or not. */
    public TuningConfig withMergeAdapter(boolean value) {
        return new TuningConfig(adapter, Optional.of(value));
    }

    /** Whether a stage that starts from that model trains an adapter. */
    public boolean trainsAdapter(ModelReference model) {
        return adapter.isPresent() || goesOn(model);
    }

    /** Whether it is the model's own that is trained on. */
    public boolean goesOn(ModelReference model) {
        return model.adapter().isPresent() && !merges();
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
    }

    /**
     * Before a run: whether the adapter that the model has fits it, as far as both exist, and is the one that the stage's own keys tell of.
     *
     * @throws UserError where it does not
     */
    public void check(ModelReference model, Set<Head> heads) {
        Path config = model.directory().resolve("config.json");
        if (model.adapter().isPresent()
                && Files.isRegularFile(config)
                && Files.isDirectory(model.adapter().get().directory())) {
            ModelConfig shape =
                    ModelConfig.from(ModelDirectory.open(model.directory()).config());
            StoredAdapter stored = StoredAdapter.of(model.adapter().get().directory(), shape, heads);
            if (goesOn(model)) {
                adapter.ifPresent(given -> requireSame(given, stored, model));
            }
        }
    }

    private static void requireSame(AdapterConfig given, StoredAdapter stored, ModelReference model) {
        given.differenceFrom(stored).ifPresent(how -> {
            throw new UserError(how + " in the adapter "
                    + model.adapter().orElseThrow().given()
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
        Transformer loaded = model.base(heads, context.kernels(), freshHead);
        try {
            if (loaded.adapter().isPresent() && merges()) {
                loaded.mergeAdapter();
                if (adapter.isPresent()) {
                    loaded.save(context.directory().resolve(BASE), Optional.of(model.directory()));
                }
            }
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

    /**
     * Writes the adapter alone, {@code adapter/} in the stage's folder, as peft does, and merges it into the model, which then is saved as a whole one. Does nothing where the model has none.
     *
     * @param start what the stage started from
     */
    public void saveAndMerge(Transformer model, ModelReference start, StageContext context) {
        if (model.adapter().isPresent()) {
            boolean hasOwnBase = start.adapter().isPresent() && merges();
            Path base = hasOwnBase ? context.directory().resolve(BASE) : start.directory();
            model.saveAdapter(context.directory().resolve("adapter"), base.toString());
            model.mergeAdapter();
        }
    }
}
