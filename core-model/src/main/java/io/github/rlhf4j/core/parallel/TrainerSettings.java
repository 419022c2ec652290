package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.MaximalUpdate;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;

/**
 * How a model is trained, wherever that is. Learning rates come with each step.
 *
 * @param optimizer the optimiser's
 * @param dropoutKey the randomness of dropout and of noise
 * @param embeddingNoise NEFTune's alpha; 0: none
 * @param parametrization of the learning rates; empty: the same for all weights
 * @param routerLoss coefficient of the routers' loss of a mixture of experts
 */
public record TrainerSettings(
        OptimizerSettings optimizer,
        CounterRandom dropoutKey,
        double embeddingNoise,
        Optional<MaximalUpdate> parametrization,
        double routerLoss) {
    /** The same with other randomness. */
    TrainerSettings with(CounterRandom key) {
        return new TrainerSettings(optimizer, key, embeddingNoise, parametrization, routerLoss);
    }

    /** A trainer, which its owner closes. */
    ModelTrainer trainer(Transformer model) {
        if (model.config().feedForward().experts() >= 2) {
            model.setRouterLoss(routerLoss);
        }
        ModelTrainer trainer = new ModelTrainer(model, 1, new LearningRateSchedule.Constant(), optimizer, dropoutKey);
        trainer.useEmbeddingNoise(embeddingNoise);
        parametrization.ifPresent(trainer::useParametrization);
        return trainer;
    }

    void write(DataOutput out) throws IOException {
        out.writeDouble(optimizer.adamBeta1());
        out.writeDouble(optimizer.adamBeta2());
        out.writeDouble(optimizer.adamEpsilon());
        out.writeDouble(optimizer.weightDecay());
        out.writeDouble(optimizer.maxGradNorm());
        out.writeInt(optimizer.microBatchTokens());
        out.writeBoolean(optimizer.gradientCheckpointing());
        out.writeDouble(optimizer.dropout());
        out.writeLong(dropoutKey.key());
        out.writeDouble(embeddingNoise);
        out.writeBoolean(parametrization.isPresent());
        out.writeDouble(parametrization.map(MaximalUpdate::width).orElse(0.0));
        out.writeDouble(parametrization.map(MaximalUpdate::queries).orElse(0.0));
        out.writeDouble(routerLoss);
    }

    static TrainerSettings read(DataInput in) throws IOException {
        OptimizerSettings optimizer = new OptimizerSettings(
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readDouble(),
                in.readInt(),
                in.readBoolean(),
                in.readDouble());
        CounterRandom key = new CounterRandom(in.readLong());
        double noise = in.readDouble();
        boolean scales = in.readBoolean();
        MaximalUpdate update = new MaximalUpdate(in.readDouble(), in.readDouble());
        return new TrainerSettings(
                optimizer, key, noise, scales ? Optional.of(update) : Optional.empty(), in.readDouble());
    }
}
