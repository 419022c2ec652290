package io.github.rlhf4j.core.stage;

import com.google.inject.Binder;
import com.google.inject.Scopes;
import com.google.inject.TypeLiteral;
import com.google.inject.multibindings.MapBinder;

/** Binds stages by the type name that a run file uses: {@code stageBinder(binder()).bind("dpo", DpoTrainer.class)}. */
public final class StageBinder {
    private final Binder binder;
    private final MapBinder<String, Stage<?>> stages;

    private StageBinder(Binder binder) {
        this.binder = binder;
        this.stages = MapBinder.newMapBinder(binder, new TypeLiteral<String>() {}, new TypeLiteral<Stage<?>>() {});
    }

    /** The binder of stages. */
    public static StageBinder stageBinder(Binder binder) {
        return new StageBinder(binder);
    }

    /** A stage of this type is run by that class. */
    public StageBinder bind(String type, Class<? extends Stage<?>> stage) {
        binder.bind(stage).in(Scopes.SINGLETON);
        stages.addBinding(type).to(stage);
        return this;
    }
}
