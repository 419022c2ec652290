package io.github.rlhf4j.dpo;

import com.google.inject.Binder;
import com.google.inject.Scopes;
import com.google.inject.multibindings.MapBinder;

/** Binds preference losses by the name that a run file's {@code loss_type} gives them. */
public final class PreferenceLossBinder {
    private final Binder binder;
    private final MapBinder<String, PreferenceLossFactory> losses;

    PreferenceLossBinder(Binder binder) {
        this.binder = binder;
        this.losses = MapBinder.newMapBinder(binder, String.class, PreferenceLossFactory.class);
    }

    /** {@code loss_type: name} means what this class makes. */
    public PreferenceLossBinder bind(String name, Class<? extends PreferenceLossFactory> factory) {
        binder.bind(factory).in(Scopes.SINGLETON);
        losses.addBinding(name).to(factory);
        return this;
    }

    /** {@code loss_type: name} means what this object makes. */
    public PreferenceLossBinder bind(String name, PreferenceLossFactory factory) {
        losses.addBinding(name).toInstance(factory);
        return this;
    }
}
