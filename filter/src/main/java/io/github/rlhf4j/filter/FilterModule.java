package io.github.rlhf4j.filter;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.StageBinder;

/**
 * Filtering of datasets, as a stage of type {@code filter}.
 *
 * <p>Needs: {@code DatasetsModule}. Provides: {@code filter}.
 */
public final class FilterModule extends AbstractModule {
    @Override
    protected void configure() {
        StageBinder.stageBinder(binder()).bind("filter", FilterStage.class);
    }
}
