package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.Stage;
import io.github.rlhf4j.core.train.StageContext;
import io.github.rlhf4j.core.train.StageContext.Evaluation;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.Term;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import jakarta.inject.Inject;
import java.nio.file.Path;
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
    public void check(DpoConfig config) {
        losses.of(config);
        data.check(config.data(), ExampleKind.PAIRS);
    }

    @Override
    public void run(DpoConfig config, StageContext context) {
        Path start = config.model().directory();
        PreferenceLoss loss = losses.of(config);
        try (ModelText text = ModelText.open(start, context.cacheDirectory());
                Transformer policy = Transformer.load(start, Set.of(Head.LANGUAGE), context.kernels());
                Reference reference = References.of(config, loss, policy, context)) {
            // 1. Pairs as tokens
            TokenizingOptions options = config.data().tokenizing(policy.config().maxPositions(), true, false);
            TrainingData.Split<TokenizedPair> pairs =
                    data.load(config.data(), ExampleKind.PAIRS, text.cache(), options, context);
            // 2. log pi_ref, once for each pair
            Examples<DpoExample> examples = reference.attach(pairs.train());
            Optional<Examples<DpoExample>> evalExamples = pairs.eval().map(reference::attach);
            reference.attached();
            ExampleOrder<DpoExample> order = new ExampleOrder<>(
                    examples,
                    config.training().batchSize(),
                    config.training().shuffle(),
                    context.random().derive("order"));
            selfChecks(
                    config, context, policy, reference, order.batch(1), new DpoSelfChecks(context, text.tokenizer()));
            // 3. Eq. 7 and d loss / d log pi
            PreferenceObjective objective = new PreferenceObjective(loss, config.beta());
            Evaluation evaluation = evalExamples
                    .<Evaluation>map(held -> new DpoEvaluation(held, reference, objective, policy, config))
                    .orElse(Evaluation.NONE);
            train(config, context, policy, reference, order, objective, evaluation);
        }
    }

    private static void train(
            DpoConfig config,
            StageContext context,
            Transformer policy,
            Reference reference,
            ExampleOrder<DpoExample> order,
            PreferenceObjective objective,
            Evaluation evaluation) {
        long steps = order.steps(config.training().maxSteps(), config.training().numTrainEpochs());
        try (ModelTrainer trainer = new ModelTrainer(
                policy,
                config.training().learningRate(),
                config.training().schedule(steps),
                config.training().optimizer(0),
                context.random().derive("dropout"))) {
            context.register("policy", trainer);
            // 4. Forward, loss, backward, clip, update
            context.train(
                    config.training().loop(steps),
                    step -> {
                        List<DpoExample> batch = reference.complete(order.batch(step));
                        StepResult result = trainer.optimize(List.of(Term.of(batch, objective)));
                        reference.afterStep(step, policy);
                        return result;
                    },
                    evaluation);
        }
        // 5. The policy as a Hugging Face directory
        policy.save(
                context.directory().resolve("model"), Optional.of(config.model().directory()));
    }

    private static void selfChecks(
            DpoConfig config,
            StageContext context,
            Transformer policy,
            Reference reference,
            List<DpoExample> first,
            DpoSelfChecks checks) {
        checks.showRow(first.get(0).pair());
        if (config.data().truncationMode() != TruncationMode.KEEP_START) {
            checks.endTokenIsTrained(first);
        }
        if (!(reference instanceof Reference.None) && config.startsFromReference() && !context.resumed()) {
            ModelScorer scorer = new ModelScorer(policy, config.training().optimizer(0));
            checks.policyIsTheReference(reference.complete(first), scorer);
        }
    }
}
