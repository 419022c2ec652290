package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ExampleOrder;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.stage.LoopSettings;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.core.stage.TrainingConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The loop that pre-training and fine-tuning share: next-token loss over sequences. */
final class SequenceTraining {
    private final StageContext context;
    private final Transformer model;
    private final TrainingConfig training;
    private final SftLossConfig config;
    private final Objective<List<TokenSequence>> loss;

    SequenceTraining(
            StageContext context,
            Transformer model,
            Tokenizer tokenizer,
            TrainingConfig training,
            SftLossConfig config) {
        this.context = context;
        this.model = model;
        this.training = training;
        this.config = config;
        this.loss = config.objective(tokenizer);
    }

    void run(Examples<List<TokenSequence>> train, Map<String, Examples<List<TokenSequence>>> eval) {
        CounterRandom random = context.random();
        ExampleOrder<List<TokenSequence>> order = training.order(train, random);
        LoopSettings loop = training.loop(order);
        try (ModelTrainer trainer = new ModelTrainer(
                model,
                training.learningRate(),
                training.schedule(loop.steps()),
                training.optimizer(config.dropout()),
                random.derive("dropout"))) {
            trainer.useEmbeddingNoise(config.neftuneNoiseAlpha());
            context.register("trainer", trainer);
            context.show("loss", "loss");
            context.show("accuracy", "mean_token_accuracy");
            Map<String, StageContext.Evaluation> evaluations = new LinkedHashMap<>();
            eval.forEach(
                    (name, examples) -> evaluations.put(name, () -> evaluate(examples, trainer.microBatchTokens())));
            context.train(
                    loop,
                    step -> trainer.optimize(List.of(WeightedObjective.of(order.batch(step), loss))),
                    StageContext.Evaluation.of(evaluations));
        }
    }

    /** Mean over all target tokens of the evaluation data. */
    private Map<String, Double> evaluate(Examples<List<TokenSequence>> examples, int microBatchTokens) {
        List<List<TokenSequence>> all = new ArrayList<>();
        for (long i = 0; i < examples.size(); i++) {
            all.add(examples.get(i));
        }
        BatchScorer.Evaluation evaluation = new BatchScorer(model, microBatchTokens).evaluate(all, loss);
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", evaluation.loss());
        values.putAll(evaluation.metrics().values());
        return values;
    }

    /** Prints one training row as the trainer sees it. */
    static void show(StageContext context, Tokenizer tokenizer, TokenSequence sequence) {
        context.note("a training row, targets in >> <<: " + RowText.of(tokenizer, sequence));
    }
}
