package io.github.rlhf4j.judge;

import static io.github.rlhf4j.datasets.DatasetsModule.datasetBinder;

import com.google.inject.AbstractModule;
import com.google.inject.multibindings.OptionalBinder;
import io.github.rlhf4j.world.Worlds;

/**
 * Judges.
 *
 * <p>Needs: {@code DatasetsModule}; {@code WorldModule} for the synthetic judge. Provides: {@link Judges}, the dataset {@code judged:<judge>:<dataset>}. Extended by: {@link JudgeBinder#judgeBinder}.
 */
public final class JudgeModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(Judges.class);
        OptionalBinder.newOptionalBinder(binder(), Worlds.class);
        JudgeBinder.judgeBinder(binder());
        datasetBinder(binder()).bind(JudgedDataset.NAME, JudgedDataset.class);
    }
}
