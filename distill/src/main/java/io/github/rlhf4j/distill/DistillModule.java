package io.github.rlhf4j.distill;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.StageBinder;
import io.github.rlhf4j.datasets.training.TrainingData;

/**
 * Generalised knowledge distillation as a stage of type {@code distill}.
 *
 * <p>Needs: {@code DatasetsModule}. Provides: {@code distill}.
 */
public final class DistillModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(TrainingData.class);
        StageBinder.stageBinder(binder()).bind("distill", DistillStage.class);
    }
}
