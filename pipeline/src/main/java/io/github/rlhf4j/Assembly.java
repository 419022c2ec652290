package io.github.rlhf4j;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.Module;
import com.google.inject.TypeLiteral;
import com.google.inject.multibindings.MapBinder;
import io.github.rlhf4j.bestofn.BestOfNModule;
import io.github.rlhf4j.core.kernels.KernelsFactory;
import io.github.rlhf4j.core.kernels.cpu.CpuKernelsModule;
import io.github.rlhf4j.core.kernels.nd4j.Nd4jKernelsModule;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.DatasetsModule;
import io.github.rlhf4j.distill.DistillModule;
import io.github.rlhf4j.dpo.DpoModule;
import io.github.rlhf4j.dpo.PreferenceLossFactory;
import io.github.rlhf4j.dpo.PreferenceLosses;
import io.github.rlhf4j.evaluation.EvaluateModule;
import io.github.rlhf4j.filter.FilterModule;
import io.github.rlhf4j.grpo.GrpoModule;
import io.github.rlhf4j.judge.Judge;
import io.github.rlhf4j.judge.JudgeModule;
import io.github.rlhf4j.pipeline.config.BoundNames;
import io.github.rlhf4j.ppo.PpoModule;
import io.github.rlhf4j.reward.RewardModule;
import io.github.rlhf4j.rlaif.RlaifModule;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.rollout.RewardSources;
import io.github.rlhf4j.sft.SftModule;
import io.github.rlhf4j.tracking.TrackerFactory;
import io.github.rlhf4j.tracking.TrackingModule;
import io.github.rlhf4j.world.WorldModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The one place where everything is put together: our modules and the user's. */
final class Assembly {
    private final Injector injector;

    /** @param users modules beside ours */
    Assembly(List<Module> users) {
        List<Module> modules = new ArrayList<>(List.of(
                new CpuKernelsModule(),
                new Nd4jKernelsModule(),
                new DatasetsModule(),
                new WorldModule(),
                new JudgeModule(),
                new SftModule(),
                new RewardModule(),
                new DpoModule(),
                new PpoModule(),
                new FilterModule(),
                new GrpoModule(),
                new RlaifModule(),
                new BestOfNModule(),
                new DistillModule(),
                new EvaluateModule(),
                new TrackingModule(),
                new PipelineModule()));
        modules.addAll(users);
        injector = Guice.createInjector(modules);
    }

    /** The stages by type. */
    Map<String, Stage<?>> stages() {
        return injector.getInstance(Key.get(new TypeLiteral<Map<String, Stage<?>>>() {}));
    }

    /** The kernels by name. */
    Map<String, KernelsFactory> kernels() {
        return injector.getInstance(Key.get(new TypeLiteral<Map<String, KernelsFactory>>() {}));
    }

    /** What makes trackers, by the names that {@code report_to} has for them. */
    Map<String, TrackerFactory> trackers() {
        return injector.getInstance(Key.get(new TypeLiteral<Map<String, TrackerFactory>>() {}));
    }

    /** The names of losses, reward functions and judges, by the keys that take them. */
    BoundNames boundNames() {
        Set<String> losses = injector.getInstance(Key.get(new TypeLiteral<Map<String, PreferenceLossFactory>>() {}))
                .keySet();
        Set<String> rewards =
                RewardSources.names(injector.getInstance(Key.get(new TypeLiteral<Map<String, RewardFunction>>() {})));
        Set<String> judges = injector.getInstance(Key.get(new TypeLiteral<Map<String, Judge>>() {}))
                .keySet();
        return BoundNames.NONE
                .with("dpo:loss_type", PreferenceLosses.names(losses))
                .with("online_dpo:loss_type", losses)
                .with("reward_function", rewards)
                .with("rewards", rewards)
                .with("rewards.function", rewards)
                .with("judge", judges)
                .with("judge.name", judges);
    }

    /** Opens datasets, the user's own included. */
    Datasets datasets() {
        return injector.getInstance(Datasets.class);
    }

    /**
     * What the pipeline itself needs.
     *
     * <p>Needs: the modules of the stages. Provides: explicit bindings only. Extended by: the user's modules.
     */
    private static final class PipelineModule extends AbstractModule {
        @Override
        protected void configure() {
            binder().requireExplicitBindings();
            MapBinder.newMapBinder(binder(), new TypeLiteral<String>() {}, new TypeLiteral<Stage<?>>() {});
        }
    }
}
