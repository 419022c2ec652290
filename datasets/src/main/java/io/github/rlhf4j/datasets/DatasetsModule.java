package io.github.rlhf4j.datasets;

import com.google.inject.AbstractModule;
import com.google.inject.Binder;
import com.google.inject.Scopes;

/**
 * Datasets for every stage.
 *
 * <p>Needs: nothing. Provides: {@link Datasets}. Extended by: {@link #datasetBinder}.
 */
public final class DatasetsModule extends AbstractModule {
    @Override
    protected void configure() {
        datasetBinder(binder());
        bind(Datasets.class).in(Scopes.SINGLETON);
    }

    /** Adds datasets of a module's own, found by name in run files. */
    public static DatasetBinder datasetBinder(Binder binder) {
        return new DatasetBinder(binder);
    }
}
