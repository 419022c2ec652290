package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.parallel.TravellingObjective;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.datasets.training.TrainingData;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Direct preference optimisation: raises the likelihood of chosen over rejected responses, relative to a reference.
 *
 * <p>Source: Rafailov et al. 2023, arXiv:2305.18290; each loss names its own.
 */
public final class DpoTrainer implements Stage<DpoConfig> {
    private final TrainingData data;
    private final LossSelection losses;

    @Inject
    DpoTrainer(TrainingData data, Map<String, PreferenceLossFactory> losses) {
        this.data = data;
        this.losses = new LossSelection(losses);
    }

    @Override
    public Class<DpoConfig> configType() {
        return DpoConfig.class;
    }

    @Override
    public List<ConfigKey<?>> keys() {
        return losses.keys();
    }

    @Override
    public void check(DpoConfig config) {
        config.tuning().check(config.model(), Set.of(Head.LANGUAGE));
        ReferenceFactory.check(config.reference(), config.model(), config.data().maxLength());
        data.check(config.data(), losses.of(config).rows(), config.model().outline());
    }

    @Override
    public Optional<ModelOutline> outline(DpoConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(DpoConfig config, StageContext context) {
        run(losses.of(config), config, context);
    }

    private <T> void run(PreferenceKind<T> kind, DpoConfig config, StageContext context) {
        try (PreferenceRun<T> run =
                PreferenceRun.open(config, context, kind.layout(), kind.sums(), kind.needsReference())) {
            // 1. Pairs or rankings as tokens
            TrainingData.Split<T> rows = run.load(data, kind.rows());
            StageLoop<T> loop = StageLoop.of(context, config.training(), config.parts(), rows.train());
            // 2. log pi_ref of their responses
            ScoredRows<T> scored = run.reference().score(loop, rows.train(), rows.eval());
            List<WithRefLogProbs<T>> first = scored.loop().batch(1);
            run.checkStart(first, kind.names(first.get(0).tokens()), kind.atTheStart());
            // 3. Eq. 7 and d loss / d log pi
            TravellingObjective<WithRefLogProbs<T>> objective = kind.travelling();
            // 4. Forward, loss, backward, clip, update
            scored.loop()
                    .show("loss", "loss")
                    .show("accuracy", "rewards/accuracies")
                    .show("margin", "rewards/margins")
                    .evaluate(scored.evaluations(held -> new PreferenceEvaluation<>(
                            held,
                            (batch, comparisons) -> kind.objective(comparisons),
                            run.policy(),
                            config.training(),
                            context::warn)))
                    .train("policy", run.policy(), objective, config.parts());
            // 5. The policy as a Hugging Face directory
            run.save();
        }
    }
}
