package io.github.rlhf4j.judge;

import com.google.inject.Binder;
import com.google.inject.Scopes;
import com.google.inject.multibindings.MapBinder;

/** Binds judges by the name that a run file uses: {@code judge: name}, or {@code dataset: judged:name:<dataset>}. */
public final class JudgeBinder {
    private final Binder binder;
    private final MapBinder<String, Judge> judges;

    private JudgeBinder(Binder binder) {
        this.binder = binder;
        this.judges = MapBinder.newMapBinder(binder, String.class, Judge.class);
    }

    /** The binder of judges. */
    public static JudgeBinder judgeBinder(Binder binder) {
        return new JudgeBinder(binder);
    }

    /** {@code name} means this class, one instance for the whole process. */
    public JudgeBinder bind(String name, Class<? extends Judge> judge) {
        checkName(name);
        binder.bind(judge).in(Scopes.SINGLETON);
        judges.addBinding(name).to(judge);
        return this;
    }

    /** {@code name} means this object. Stored answers belong to its class, so give it one with a name: a lambda's changes from run to run. */
    public JudgeBinder bind(String name, Judge judge) {
        checkName(name);
        judges.addBinding(name).toInstance(judge);
        return this;
    }

    private void checkName(String name) {
        if (!name.matches("[a-z0-9_-]+")) {
            binder.addError("the name of a judge must match [a-z0-9_-]+, but is '%s'", name);
        }
    }
}
