package io.github.rlhf4j.rlaif;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.StageBinder;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.judge.JudgeModule;

/**
 * Critique and revision, and preferences by a judge, as stages of type {@code revise} and {@code judge}.
 *
 * <p>Needs: {@code DatasetsModule}; {@code WorldModule} for what is synthetic. Provides: {@code revise}, {@code judge}; {@link JudgeModule}. Extended by: judges.
 */
public final class RlaifModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(TrainingData.class);
        install(new JudgeModule());
        StageBinder.stageBinder(binder()).bind("revise", ReviseStage.class).bind("judge", JudgingStage.class);
    }
}
