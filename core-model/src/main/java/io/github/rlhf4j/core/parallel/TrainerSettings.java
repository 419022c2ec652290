package io.github.rlhf4j.core.parallel;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.MaximalUpdate;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
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

    void write(WireWriter out) {
        out.putDouble(optimizer.adamBeta1()).putDouble(optimizer.adamBeta2()).putDouble(optimizer.adamEpsilon());
        out.putDouble(optimizer.weightDecay()).putDouble(optimizer.maxGradNorm());
        out.putInt(optimizer.microBatchTokens()).putBoolean(optimizer.gradientCheckpointing());
        out.putDouble(optimizer.dropout()).putLong(dropoutKey.key()).putDouble(embeddingNoise);
        out.putOptional(
                parametrization, (to, update) -> to.putDouble(update.width()).putDouble(update.queries()));
        out.putDouble(routerLoss);
    }

    /** What of it decides how a trainer is made, whatever its randomness. */
    byte[] key() {
        WireWriter out = new WireWriter();
        with(CounterRandom.of(0)).write(out);
        return out.bytes();
    }

    static TrainerSettings read(WireReader in) {
        OptimizerSettings optimizer = new OptimizerSettings(
                in.getDouble(),
                in.getDouble(),
                in.getDouble(),
                in.getDouble(),
                in.getDouble(),
                in.getInt(),
                in.getBoolean(),
                in.getDouble());
        return new TrainerSettings(
                optimizer,
                new CounterRandom(in.getLong()),
                in.getDouble(),
                in.getOptional(from -> new MaximalUpdate(from.getDouble(), from.getDouble())),
                in.getDouble());
    }
}
