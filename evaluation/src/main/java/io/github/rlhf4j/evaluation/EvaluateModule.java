package io.github.rlhf4j.evaluation;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.stage.StageBinder;
import io.github.rlhf4j.rollout.BuiltInRewards;

/**
 * Evaluation as a stage of type {@code evaluate}.
 *
 * <p>Needs: {@code DatasetsModule}, {@code WorldModule}. Provides: {@code evaluate}. Extended by: {@code RewardBinder.rewardBinder}.
 */
public final class EvaluateModule extends AbstractModule {
    @Override
    protected void configure() {
        StageBinder.stageBinder(binder()).bind("evaluate", Evaluator.class);
        install(new BuiltInRewards());
    }
}
