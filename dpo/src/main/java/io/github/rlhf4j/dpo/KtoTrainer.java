package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageContext.Evaluation;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.datasets.tokens.TokenizedUnpaired;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.TrainingData;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
        config.tuning().check(config.model(), Set.of(Head.LANGUAGE));
        ReferenceFactory.check(config.reference(), config.model(), config.data().maxLength());
        data.check(config.data(), ExampleKind.UNPAIRED, config.model().outline());
    }

    @Override
    public Optional<ModelOutline> outline(KtoConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(KtoConfig config, StageContext context) {
        try (PreferenceRun<KtoTokens> run =
                PreferenceRun.open(config, context, config.layout(), ResponseSums.WHOLE, true)) {
            // 1. Rows as tokens
            TrainingData.Split<TokenizedUnpaired> rows = run.load(data, ExampleKind.UNPAIRED);
            StageLoop<TokenizedUnpaired> loop = StageLoop.of(context, config.training(), config.parts(), rows.train());
            // 2. Each prompt with another prompt's response of its batch; log pi_ref of both
            KtoRows mismatched = new KtoRows(rows.train(), run.tokenizing(), run.tokenizer(), config);
            mismatched.warnings(config).forEach(context::warn);
            ScoredRows<KtoTokens> scored = run.reference()
                    .score(loop.map(mismatched::ofBatch), mismatched.train(), rows.eachEval(mismatched::held));
            List<WithRefLogProbs<KtoTokens>> first = scored.loop().batch(1);
            run.checkStart(first, new String[] {label(first.get(0).tokens())}, "every reward is 0");
            // 3. z0, Eqs. 7-8 and d loss / d log pi
            TravellingKtoLoss loss = config.loss();
            ResponseLogProbs policy = run.policyLogProbs();
            // 4. Forward, loss, backward, clip, update
            scored.loop()
                    .show("loss", "loss")
                    .show("margin", "rewards/margins")
                    .show("kl", "kl")
                    .evaluate(scored.evaluations(held -> withMargins(new PreferenceEvaluation<>(
                            held,
                            (batch, comparisons) ->
                                    loss.at(batch, policy, false).objective(),
                            run.policy(),
                            config.training(),
                            context::warn))))
                    .train("policy", run.policy(), loss, config.parts());
            // 5. The policy as a Hugging Face directory
            run.save();
        }
    }

    private static String label(KtoTokens tokens) {
        return tokens.row().label() ? "desirable" : "undesirable";
    }

    /** With the margin between all responses of both labels, since a batch may have one label only. */
    private static Evaluation withMargins(Evaluation evaluation) {
        return () -> {
            Map<String, Double> values = new LinkedHashMap<>(evaluation.evaluate());
            if (values.containsKey("rewards/chosen") && values.containsKey("rewards/rejected")) {
                values.put("rewards/margins", values.get("rewards/chosen") - values.get("rewards/rejected"));
            }
            return values;
        };
    }
}
