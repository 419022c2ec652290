package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.LoopSettings;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageContext.Evaluation;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.datasets.tokens.TokenizedUnpaired;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/**
 * Kahneman-Tversky optimisation: raises the likelihood of responses that were liked and lowers that of disliked ones, without pairs.
 *
 * <p>Source: Ethayarajh et al. 2024, arXiv:2402.01306.
 */
public final class KtoTrainer implements Stage<KtoConfig> {
    private final TrainingData data;

    @Inject
    KtoTrainer(TrainingData data) {
        this.data = data;
    }

    @Override
    public Class<KtoConfig> configType() {
        return KtoConfig.class;
    }

    @Override
    public void check(KtoConfig config) {
        ReferenceFactory.check(config.reference(), config.model(), config.data().maxLength());
        data.check(config.data(), ExampleKind.UNPAIRED, config.model().outline());
    }

    @Override
    public Optional<ModelOutline> outline(KtoConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(KtoConfig config, StageContext context) {
        Path start = config.model().directory();
        TrainingConfig training = config.training();
        try (ModelText text = ModelText.open(start, context.cacheDirectory());
                Transformer policy = Transformer.load(start, Set.of(Head.LANGUAGE), context.kernels());
                Reference<KtoTokens> reference = ReferenceFactory.of(
                        config.reference(),
                        config.model(),
                        policy,
                        training.optimizer(0),
                        config.layout(),
                        ResponseSums.WHOLE,
                        context)) {
            config.routers().applyTo(policy, config.model());
            // 1. Rows as tokens
            TokenizingOptions options = config.data().tokenizing(policy.config().maxPositions(), true, false);
            TrainingData.Split<TokenizedUnpaired> rows =
                    data.load(config.data(), ExampleKind.UNPAIRED, text.cache(), options, context);
            ExampleOrder<TokenizedUnpaired> order = training.order(rows.train(), context.random());
            LoopSettings loop = training.loop(order);
            // 2. Each prompt with another prompt's response of its batch; log pi_ref of both
            OptionalInt bos = text.tokenizer().bosId();
            boolean boundariesMove = rows.train().report().boundaryMismatches() > 0;
            MismatchedResponses mismatched = new MismatchedResponses(rows.train(), options, bos, boundariesMove);
            KtoWarnings.of(config, rows.train(), mismatched).forEach(context::warn);
            LongFunction<List<WithRefLogProbs<KtoTokens>>> batches =
                    batches(config, reference, rows.train(), order, loop.steps(), mismatched);
            Map<String, Examples<WithRefLogProbs<KtoTokens>>> held = rows.eachEval(eval -> reference.attach(
                    new MismatchedResponses(joined(eval, rows.train()), options, bos, boundariesMove)
                            .inFileOrder(eval, training.batchSize()),
                    LongStream.range(0, eval.size()).toArray()));
            reference.attached();
            startChecks(
                    config,
                    context,
                    policy,
                    batches.apply(1),
                    new SelfChecks<>(context, text.tokenizer(), config.layout()));
            // 3. z0, Eqs. 7-8 and d loss / d log pi
            Function<List<WithRefLogProbs<KtoTokens>>, Objective<WithRefLogProbs<KtoTokens>>> objective = batch ->
                    objective(config, batch, new ModelScorer(policy, training.optimizer(0), ResponseSums.WHOLE));
            Map<String, Evaluation> evaluations = new LinkedHashMap<>();
            held.forEach((name, eval) -> evaluations.put(
                    name,
                    () -> withMargin(
                            new PreferenceEvaluation<>(eval, reference, objective, policy, training).evaluate())));
            // 4. Forward, loss, backward, clip, update
            try (ModelTrainer trainer = new ModelTrainer(
                    policy,
                    training.learningRate(),
                    training.schedule(loop.steps()),
                    training.optimizer(0),
                    context.random().derive("dropout"))) {
                context.register("policy", trainer);
                context.show("loss", "loss");
                context.show("margin", "rewards/margins");
                context.show("kl", "kl");
                context.train(
                        loop,
                        step -> {
                            List<WithRefLogProbs<KtoTokens>> batch = batches.apply(step);
                            StepResult result =
                                    trainer.optimize(List.of(WeightedObjective.of(batch, objective.apply(batch))));
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

    /** The margin between all held-out responses of both labels, since a batch may have one label only. */
    private static Map<String, Double> withMargin(Map<String, Double> values) {
        Map<String, Double> more = new LinkedHashMap<>(values);
        if (values.containsKey("rewards/chosen") && values.containsKey("rewards/rejected")) {
            more.put("rewards/margins", values.get("rewards/chosen") - values.get("rewards/rejected"));
        }
        return more;
    }

    private static <T> Examples<T> joined(Examples<T> first, Examples<T> second) {
        return Examples.of(
                first.size() + second.size(),
                index -> index < first.size() ? first.get(index) : second.get(index - first.size()));
    }

    /** The batch of each step: where the reference was asked beforehand, batches are those of file order. */
    private static LongFunction<List<WithRefLogProbs<KtoTokens>>> batches(
            KtoConfig config,
            Reference<KtoTokens> reference,
            Examples<TokenizedUnpaired> rows,
            ExampleOrder<TokenizedUnpaired> order,
            long steps,
            MismatchedResponses mismatched) {
        if (config.reference().precomputeRefLogProbs()) {
            Examples<KtoTokens> fixed =
                    mismatched.inFileOrder(rows, config.training().batchSize());
            return order.of(reference.attach(fixed, order.used(steps)))::batch;
        }
        return step -> reference.complete(mismatched.ofBatch(order.batch(step)).stream()
                .map(tokens -> new WithRefLogProbs<>(tokens, new double[0]))
                .toList());
    }

    private static Objective<WithRefLogProbs<KtoTokens>> objective(
            KtoConfig config, List<WithRefLogProbs<KtoTokens>> batch, ResponseLogProbs policy) {
        KtoLoss loss = new KtoLoss(config.beta(), config.desirableWeight(), config.undesirableWeight());
        double referencePoint = config.lossType() == KtoLossType.KTO ? referencePoint(batch, policy) : 0;
        return new KtoObjective(loss, config.beta(), referencePoint);
    }

    private static double referencePoint(List<WithRefLogProbs<KtoTokens>> batch, ResponseLogProbs policy) {
        List<List<TokenSequence>> mismatched = batch.stream()
                .map(example -> List.of(example.tokens().mismatched()))
                .toList();
        double[] logProbs = Arrays.stream(policy.score(mismatched))
                .mapToDouble(score -> score[0])
                .toArray();
        double[] refLogProbs = batch.stream()
                .mapToDouble(example -> example.refLogProbs()[KtoTokens.MISMATCHED])
                .toArray();
        return KtoLoss.referencePoint(logProbs, refLogProbs);
    }

    private static void startChecks(
            KtoConfig config,
            StageContext context,
            Transformer policy,
            List<WithRefLogProbs<KtoTokens>> first,
            SelfChecks<KtoTokens> checks) {
        checks.showRow(first.get(0).tokens(), first.get(0).tokens().row().label() ? "desirable" : "undesirable");
        if (config.data().truncationMode() != TruncationMode.KEEP_START) {
            checks.endTokenIsTrained(first);
        }
        if (config.reference().isStart(config.model()) && !context.resumed()) {
            ModelScorer scorer = new ModelScorer(policy, config.training().optimizer(0), ResponseSums.WHOLE);
            checks.policyIsTheReference(first, scorer, "every reward is 0");
        }
    }
}
