package io.github.rlhf4j.datasets;

import com.google.inject.Binder;
import com.google.inject.Scopes;
import com.google.inject.multibindings.MapBinder;

/** Binds datasets by name: {@code datasetBinder(binder()).bind("my-format", MyDataset.class)}. */
public final class DatasetBinder {
    private final Binder binder;
    private final MapBinder<String, DatasetSource> sources;

    DatasetBinder(Binder binder) {
        this.binder = binder;
        this.sources = MapBinder.newMapBinder(binder, String.class, DatasetSource.class);
    }

    /**
     * Makes {@code source} known as {@code name}, one instance for the whole process.
     *
     * @param name lower-case letters, digits, {@code -} and {@code _}; at least two characters, so that it is no drive letter
     */
    public DatasetBinder bind(String name, Class<? extends DatasetSource> source) {
        checkName(name);
        sources.addBinding(name).to(source);
        binder.bind(source).in(Scopes.SINGLETON);
        return this;
    }

    /** As the other, for an object that is there already. */
    public DatasetBinder bind(String name, DatasetSource source) {
        checkName(name);
        sources.addBinding(name).toInstance(source);
        return this;
    }

    private void checkName(String name) {
        if (!name.matches("[a-z0-9_-]{2,}")) {
            binder.addError("the name of a dataset must match [a-z0-9_-]{2,}, but is '%s'", name);
        }
    }
}
