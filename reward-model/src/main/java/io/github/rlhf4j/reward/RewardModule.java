package io.github.rlhf4j.reward;

import static io.github.rlhf4j.core.stage.StageBinder.stageBinder;
import static io.github.rlhf4j.datasets.DatasetsModule.datasetBinder;
import static io.github.rlhf4j.reward.JudgeBinder.judgeBinder;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.datasets.training.TrainingData;

/**
 * Reward models on rankings as a stage of type {@code reward}.
 *
 * <p>Needs: {@code DatasetsModule}. Provides: {@code reward}, the dataset {@code judged:<judge>:<dataset>}. Extended by: {@link JudgeBinder#judgeBinder}.
 */
public final class RewardModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(TrainingData.class);
        stageBinder(binder()).bind("reward", RewardTrainer.class);
        judgeBinder(binder());
        datasetBinder(binder()).bind(JudgedDataset.NAME, JudgedDataset.class);
    }
}
