package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.StageBinder.stageBinder;

import com.google.inject.AbstractModule;
import com.google.inject.Binder;
import com.google.inject.multibindings.OptionalBinder;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.judge.Judges;
import io.github.rlhf4j.rollout.BuiltInRewards;
import io.github.rlhf4j.rollout.RewardBinder;

/**
 * Direct preference optimisation as a stage of type {@code dpo}, Kahneman-Tversky optimisation as one of type {@code kto}, DPO on the policy's own responses as one of type {@code online_dpo}.
 *
 * <p>Needs: {@code DatasetsModule}; {@code JudgeModule} for the key judge. Provides: {@code kto}, and {@code dpo} and {@code online_dpo} with the losses of {@link PreferenceLosses#builtIn}. Extended by: {@link #preferenceLossBinder}, {@link RewardBinder#rewardBinder}.
 */
public final class DpoModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(TrainingData.class);
        stageBinder(binder()).bind("dpo", DpoTrainer.class);
        stageBinder(binder()).bind("kto", KtoTrainer.class);
        stageBinder(binder()).bind("online_dpo", OnlineDpoStage.class);
        install(new BuiltInRewards());
        OptionalBinder.newOptionalBinder(binder(), Judges.class);
        PreferenceLossBinder losses = preferenceLossBinder(binder());
        PreferenceLosses.builtIn().forEach(losses::bind);
    }

    /** Adds losses of a module's own. */
    public static PreferenceLossBinder preferenceLossBinder(Binder binder) {
        return new PreferenceLossBinder(binder);
    }
}
