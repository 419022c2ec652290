package io.github.rlhf4j.dpo;

import static io.github.rlhf4j.core.stage.StageBinder.stageBinder;

import com.google.inject.AbstractModule;
import com.google.inject.Binder;
import io.github.rlhf4j.datasets.training.TrainingData;

/**
 * Direct preference optimisation as a stage of type {@code dpo}, Kahneman-Tversky optimisation as one of type {@code kto}.
 *
 * <p>Needs: {@code DatasetsModule}. Provides: {@code kto}, and {@code dpo} with the losses of {@link PreferenceLosses#builtIn}. Extended by: {@link #preferenceLossBinder}.
 */
public final class DpoModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(TrainingData.class);
        stageBinder(binder()).bind("dpo", DpoTrainer.class);
        stageBinder(binder()).bind("kto", KtoTrainer.class);
        PreferenceLossBinder losses = preferenceLossBinder(binder());
        PreferenceLosses.builtIn().forEach(losses::bind);
    }

    /** Adds losses of a module's own. */
    public static PreferenceLossBinder preferenceLossBinder(Binder binder) {
        return new PreferenceLossBinder(binder);
    }
}
