package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.LoopSettings;
import io.github.rlhf4j.core.train.ModelOutline;
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
    public void check(DpoConfig config) {
        losses.of(config);
        data.check(config.data(), ExampleKind.PAIRS, config.model().outline());
    }

    @Override
    public Optional<ModelOutline> outline(DpoConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(DpoConfig config, StageContext context) {
        Path start = config.model().directory();
        PreferenceLoss loss = losses.of(config);
        try (ModelText text = ModelText.open(start, context.cacheDirectory());
                Transformer policy = Transformer.load(start, Set.of(Head.LANGUAGE), context.kernels());
                Reference<TokenizedPair> reference = reference(config, loss, policy, context)) {
            // 1. Pairs as tokens
            TokenizingOptions options = config.data().tokenizing(policy.config().maxPositions(), true, false);
            TrainingData.Split<TokenizedPair> pairs =
                    data.load(config.data(), ExampleKind.PAIRS, text.cache(), options, context);
            ExampleOrder<TokenizedPair> rows = config.training().order(pairs.train(), context.random());
            LoopSettings loop = config.training().loop(rows);
            // 2. log pi_ref, once for each pair that a step uses
            ExampleOrder<Referenced<TokenizedPair>> order =
                    rows.of(reference.attach(pairs.train(), rows.used(loop.steps())));
            Optional<Examples<Referenced<TokenizedPair>>> held = pairs.eval()
                    .map(eval -> reference.attach(
                            eval, LongStream.range(0, eval.size()).toArray()));
            reference.attached();
            startChecks(config, context, policy, reference, order.batch(1), text.tokenizer());
            // 3. Eq. 7 and d loss / d log pi
            PreferenceObjective objective = new PreferenceObjective(loss, config.beta());
            Evaluation evaluation = held.<Evaluation>map(eval ->
                            new PreferenceEvaluation<>(eval, reference, batch -> objective, policy, config.training()))
                    .orElse(Evaluation.NONE);
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
                                    List.of(Term.of(reference.complete(order.batch(step)), objective)));
                            reference.afterStep(step, policy);
                            return result;
                        },
                        evaluation);
            }
            // 5. The policy as a Hugging Face directory
            policy.save(
                    context.directory().resolve("model"),
                    Optional.of(start),
                    config.training().save().format());
        }
    }

    private static Reference<TokenizedPair> reference(
            DpoConfig config, PreferenceLoss loss, Transformer policy, StageContext context) {
        ResponseLayout<TokenizedPair> layout = ResponseLayout::pair;
        return loss.needsReference()
                ? References.of(
                        config.reference(),
                        config.model(),
                        policy,
                        config.training().optimizer(0),
                        layout,
                        context)
                : new Reference.None<>(layout);
    }

    private static void startChecks(
            DpoConfig config,
            StageContext context,
            Transformer policy,
            Reference<TokenizedPair> reference,
            List<Referenced<TokenizedPair>> first,
            Tokenizer tokenizer) {
        StartChecks<TokenizedPair> checks = new StartChecks<>(context, tokenizer, ResponseLayout::pair);
        checks.showRow(first.get(0).tokens(), "chosen", "rejected");
        if (config.data().truncationMode() != TruncationMode.KEEP_START) {
            checks.endTokenIsTrained(first);
        }
        if (!(reference instanceof Reference.None)
                && config.reference().isStart(config.model())
                && !context.resumed()) {
            ModelScorer scorer = new ModelScorer(policy, config.training().optimizer(0));
            checks.policyIsTheReference(reference.complete(first), scorer, "the sigmoid loss is ln 2 = 0.693147");
        }
    }
}
