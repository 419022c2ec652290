package io.github.rlhf4j.lab.recurrent;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.core.train.WeightedObjective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** A language model that is a decoder-only transformer. */
public final class TransformerTextModel implements TextModel {
    private static final OptimizerSettings ADAM = new OptimizerSettings(0.9, 0.999, 1e-8, 0, 1, 0, false, 0);

    private final Transformer model;
    private final ModelTrainer trainer;

    /**
     * @param learningRate of Adam, reached after {@code warmupSteps}
     * @param random draws the weights
     */
    public TransformerTextModel(
            ModelConfig config, double learningRate, int warmupSteps, Kernels kernels, CounterRandom random) {
        model = Transformer.create(config, Set.of(Head.LANGUAGE), kernels, random);
        trainer = new ModelTrainer(
                model,
                learningRate,
                new LearningRateSchedule.ConstantWithWarmup(warmupSteps),
                ADAM,
                random.derive("dropout"));
    }

    /** Takes another's weights; what Adam knows of earlier steps stays away. */
    public void copyWeights(TransformerTextModel from) {
        model.copyWeightsFrom(from.model);
    }

    Transformer model() {
        return model;
    }

    @Override
    public long parameters() {
        return new ModelSize(model.config(), Set.of(Head.LANGUAGE), DataType.FLOAT).parameters();
    }

    @Override
    public double train(List<TokenSequence> texts) {
        List<List<TokenSequence>> examples = texts.stream().map(List::of).toList();
        return trainer.optimize(List.of(WeightedObjective.of(examples, new NextTokenLoss())))
                .loss();
    }

    @Override
    public int[] choose(List<int[]> prompts, int[] choices) {
        List<List<TokenSequence>> groups = new ArrayList<>();
        for (int[] prompt : prompts) {
            groups.add(Arrays.stream(choices)
                    .mapToObj(choice -> completed(prompt, choice))
                    .toList());
        }
        BatchScorer scorer = new BatchScorer(model, OptimizerSettings.defaultMicroBatchTokens(model));
        return scorer.score(groups, 1).stream()
                .mapToInt(TransformerTextModel::best)
                .toArray();
    }

    private static TokenSequence completed(int[] prompt, int choice) {
        int[] ids = Arrays.copyOf(prompt, prompt.length + 1);
        ids[prompt.length] = choice;
        return TokenSequence.completion(ids, prompt.length);
    }

    private static int best(List<BatchScorer.Scored> scores) {
        int best = 0;
        for (int i = 1; i < scores.size(); i++) {
            if (scores.get(i).sumLogProb() > scores.get(best).sumLogProb()) {
                best = i;
            }
        }
        return best;
    }

    @Override
    public void close() {
        trainer.close();
        model.close();
    }
}
