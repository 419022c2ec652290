package io.github.rlhf4j.world;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;
import io.github.rlhf4j.datasets.DatasetsModule;

/**
 * The synthetic world as the dataset {@code synthetic}.
 *
 * <p>Needs: {@link DatasetsModule}. Provides: {@link Worlds}, and by it the {@link HiddenUtility} of a seed. Extended by: another binding of {@link
 * WorldSize} (override this one).
 */
public final class WorldModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(WorldSize.class).toInstance(WorldSize.STANDARD);
        bind(Worlds.class).in(Scopes.SINGLETON);
        DatasetsModule.datasetBinder(binder()).bind("synthetic", SyntheticDataset.class);
    }
}
