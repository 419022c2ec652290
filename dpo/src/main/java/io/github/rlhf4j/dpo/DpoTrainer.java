package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.LoopSettings;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageContext.Evaluation;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

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
        Path start = config.model().directory();
        try (ModelText text = ModelText.open(start, context.cacheDirectory());
                Transformer policy = Transformer.load(start, Set.of(Head.LANGUAGE), context.kernels());
                Reference<T> reference = reference(config, kind, policy, context)) {
            config.routers().applyTo(policy, config.model());
            // 1. Pairs or rankings as tokens
            TokenizingOptions options = config.data().tokenizing(policy.config().maxPositions(), true, false);
            TrainingData.Split<T> examples = data.load(config.data(), kind.rows(), text.cache(), options, context);
            ExampleOrder<T> rows = config.training().order(examples.train(), context.random());
            LoopSettings loop = config.training().loop(rows);
            // 2. log pi_ref, once for each example that a step uses
            ExampleOrder<WithRefLogProbs<T>> order =
                    rows.of(reference.attach(examples.train(), rows.used(loop.steps())));
            Map<String, Examples<WithRefLogProbs<T>>> held = examples.eachEval(eval ->
                    reference.attach(eval, LongStream.range(0, eval.size()).toArray()));
            reference.attached();
            startChecks(kind, config, context, policy, reference, order.batch(1), text.tokenizer());
            // 3. Eq. 7 and d loss / d log pi
            Objective<WithRefLogProbs<T>> objective = kind.objective(Comparisons.IGNORED);
            Map<String, Evaluation> evaluations = new LinkedHashMap<>();
            held.forEach((name, eval) ->
                    evaluations.put(name, () -> evaluate(kind, eval, reference, policy, config.training())));
            // 4. Forward, loss, backward, clip, update
            try (ModelTrainer trainer = new ModelTrainer(
                    policy,
                    config.training().learningRate(),
                    config.training().schedule(loop.steps()),
                    config.training().optimizer(0),
                    context.random().derive("dropout"))) {
                context.register("policy", trainer);
                context.show("loss", "loss");
                context.show("accuracy", "rewards/accuracies");
                context.show("margin", "rewards/margins");
                context.train(
                        loop,
                        step -> {
                            StepResult result = trainer.optimize(
                                    List.of(WeightedObjective.of(reference.complete(order.batch(step)), objective)));
                            reference.afterStep(step, policy);
                            return result;
                        },
                        Evaluation.of(evaluations));
            }
            // 5. The policy as a Hugging Face directory
            policy.save(
                    context.directory().resolve("model"),
                    Optional.of(start),
                    config.training().save().format());
        }
    }

    /** Loss and metrics of training, and how sure the accuracy is. */
    private static <T> Map<String, Double> evaluate(
            PreferenceKind<T> kind,
            Examples<WithRefLogProbs<T>> held,
            Reference<T> reference,
            Transformer policy,
            TrainingConfig training) {
        PairAccuracy accuracy = new PairAccuracy();
        Objective<WithRefLogProbs<T>> objective = kind.objective(accuracy);
        Map<String, Double> values = new LinkedHashMap<>(
                new PreferenceEvaluation<>(held, reference, batch -> objective, policy, training).evaluate());
        accuracy.standardError().ifPresent(error -> values.put("rewards/accuracies_se", error));
        return values;
    }

    private static <T> Reference<T> reference(
            DpoConfig config, PreferenceKind<T> kind, Transformer policy, StageContext context) {
        return kind.needsReference()
                ? ReferenceFactory.of(
                        config.reference(),
                        config.model(),
                        policy,
                        config.training().optimizer(0),
                        kind.layout(),
                        kind.sums(),
                        context)
                : new Reference.None<>(kind.layout());
    }

    private static <T> void startChecks(
            PreferenceKind<T> kind,
            DpoConfig config,
            StageContext context,
            Transformer policy,
            Reference<T> reference,
            List<WithRefLogProbs<T>> first,
            Tokenizer tokenizer) {
        SelfChecks<T> checks = new SelfChecks<>(context, tokenizer, kind.layout());
        checks.showRow(first.get(0).tokens(), kind.names(first.get(0).tokens()));
        if (config.data().truncationMode() != TruncationMode.KEEP_START) {
            checks.endTokenIsTrained(first);
        }
        if (kind.needsReference() && config.reference().isStart(config.model()) && !context.resumed()) {
            ModelScorer scorer = new ModelScorer(policy, config.training().optimizer(0), kind.sums());
            checks.policyIsTheReference(reference.complete(first), scorer, kind.atTheStart());
        }
    }
}
