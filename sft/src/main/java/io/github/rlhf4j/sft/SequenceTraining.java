package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.model.MaximalUpdate;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.parallel.TravellingObjective;
import io.github.rlhf4j.core.stage.NoiseScaleConfig;
import io.github.rlhf4j.core.stage.ReplicasConfig;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.Examples;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The loop that pre-training and fine-tuning share: next-token loss over sequences.
 *
 * @param train what to learn
 * @param eval the evaluation sets by name
 * @param noise whether the noise of gradients is measured
 * @param parts what several workers can compute
 * @param parametrization of the learning rates; empty: the same for all weights
 */
record SequenceTraining(
        Examples<List<TokenSequence>> train,
        Map<String, Examples<List<TokenSequence>>> eval,
        NoiseScaleConfig noise,
        ReplicasConfig parts,
        Optional<MaximalUpdate> parametrization) {
    SequenceTraining(Examples<List<TokenSequence>> train, Map<String, Examples<List<TokenSequence>>> eval) {
        this(train, eval, NoiseScaleConfig.NONE, ReplicasConfig.NONE, Optional.empty());
    }

    SequenceTraining with(
            NoiseScaleConfig newNoise, ReplicasConfig newParts, Optional<MaximalUpdate> newParametrization) {
        return new SequenceTraining(train, eval, newNoise, newParts, newParametrization);
    }

    void run(
            SftLossConfig config,
            TrainingConfig training,
            Transformer model,
            Tokenizer tokenizer,
            StageContext context) {
        TravellingObjective<List<TokenSequence>> loss = config.objective(tokenizer);
        StageLoop.of(context, training, parts, train)
                .dropout(config.dropout())
                .embeddingNoise(config.neftuneNoiseAlpha())
                .measure(noise)
                .parametrization(parametrization)
                .show("loss", "loss")
                .show("accuracy", "mean_token_accuracy")
                .evaluate(eval, model, loss.objective()) // mean over all target tokens of a set
                .train("trainer", model, loss, parts);
    }
}
