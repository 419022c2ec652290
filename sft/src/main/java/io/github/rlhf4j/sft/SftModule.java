package io.github.rlhf4j.sft;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.StageBinder;
import io.github.rlhf4j.datasets.training.TrainingData;

/**
 * Pre-training and supervised fine-tuning as stages of type {@code pretrain} and {@code sft}.
 *
 * <p>Needs: {@code DatasetsModule}. Provides: {@code pretrain}, {@code sft}.
 */
public final class SftModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(TrainingData.class);
        StageBinder.stageBinder(binder()).bind("pretrain", Pretrainer.class).bind("sft", SftTrainer.class);
    }
}
