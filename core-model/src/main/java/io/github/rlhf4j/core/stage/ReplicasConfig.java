package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.parallel.DifferenceType;
import io.github.rlhf4j.core.parallel.OuterOptimizer;
import io.github.rlhf4j.core.parallel.Replicas;
import java.util.Locale;

/**
 * How training is cut into parts that several workers can compute. Parts and results are the run file's, whatever the number of workers.
 *
 * @param replicas M, that train alone and are averaged
 * @param localSteps H, optimiser steps of a replica between two averages; 0: there is no outer step
 * @param outerLearningRate of the outer step
 * @param outerMomentum Nesterov's, of the outer step; 0: none
 * @param differenceDtype how replicas' differences travel
 * @param shards V, parts of each batch whose gradients are added
 */
public record ReplicasConfig(
        int replicas,
        int localSteps,
        double outerLearningRate,
        double outerMomentum,
        DifferenceType differenceDtype,
        int shards)
        implements ConfigGroup {
    private static final double OUTER_LEARNING_RATE = 0.7; // OpenDiLoCo
    private static final double OUTER_MOMENTUM = 0.9; // DiLoCo
    private static final int MOST = 4096;
    private static final String WITHOUT = "does nothing without local_steps, so must be left out";

    /** One model, whole batches. */
    public static final ReplicasConfig NONE =
            new ReplicasConfig(1, 0, OUTER_LEARNING_RATE, OUTER_MOMENTUM, DifferenceType.FLOAT32, 1);

    public ReplicasConfig {
        checkConfig(replicas >= 1 && replicas <= MOST, "replicas", replicas, "must be in [1, 4096]");
        checkConfig(localSteps >= 0, "local_steps", localSteps, "must be >= 1, or 0 for no outer step");
        checkConfig(
                replicas == 1 || localSteps >= 1,
                "local_steps",
                localSteps,
                "must be >= 1 with replicas: " + replicas + " (DiLoCo: 500)");
        checkConfig(
                outerLearningRate > 0 && Double.isFinite(outerLearningRate),
                "outer_learning_rate",
                outerLearningRate,
                "must be finite and > 0");
        checkConfig(outerMomentum >= 0 && outerMomentum < 1, "outer_momentum", outerMomentum, "must be in [0, 1)");
        boolean outer = localSteps > 0;
        checkConfig(
                outer || outerLearningRate == OUTER_LEARNING_RATE, "outer_learning_rate", outerLearningRate, WITHOUT);
        checkConfig(outer || outerMomentum == OUTER_MOMENTUM, "outer_momentum", outerMomentum, WITHOUT);
        checkConfig(
                outer || differenceDtype == DifferenceType.FLOAT32,
                "difference_dtype",
                differenceDtype.name().toLowerCase(Locale.ROOT),
                WITHOUT);
        checkConfig(shards >= 1 && shards <= MOST, "shards", shards, "must be in [1, 4096]");
        checkConfig(shards == 1 || !outer, "shards", shards, "must be 1 with local_steps: a step is the replica's own");
    }

    /** M replicas of H local steps, with the usual outer step. */
    public static ReplicasConfig of(int replicas, int localSteps) {
        return new ReplicasConfig(replicas, localSteps, OUTER_LEARNING_RATE, OUTER_MOMENTUM, DifferenceType.FLOAT32, 1);
    }

    /** Batches in V parts. */
    public static ReplicasConfig shards(int shards) {
        return new ReplicasConfig(1, 0, OUTER_LEARNING_RATE, OUTER_MOMENTUM, DifferenceType.FLOAT32, shards);
    }

    /** Whether there are replicas or shards. */
    public boolean hasParts() {
        return hasOuterStep() || shards > 1;
    }

    /** Whether there are rounds and outer steps. */
    public boolean hasOuterStep() {
        return localSteps > 0;
    }

    /** Checks what it does not go together with, of a stage that measures no noise. */
    public void checkFor(TrainingConfig training) {
        checkFor(training, NoiseScaleConfig.NONE);
    }

    /** Checks what it does not go together with. */
    public void checkFor(TrainingConfig training, NoiseScaleConfig noise) {
        if (!hasParts()) {
            return;
        }
        String with = hasOuterStep() ? "local_steps" : "shards";
        checkConfig(
                noise.noiseScaleSteps() == 0,
                "noise_scale_steps",
                noise.noiseScaleSteps(),
                "must be 0 with " + with + ": no single trainer sees the whole gradient");
        checkConfig(
                training.numbers().canarySteps() == 0,
                "canary_steps",
                training.numbers().canarySteps(),
                "must be 0 with " + with + ", whose results have digests");
        checkConfig(
                training.numbers().onNonfinite() == NumbersConfig.OnNonfinite.STOP,
                "on_nonfinite",
                "skip",
                "must be stop with " + with);
        checkConfig(
                shards <= training.batchSize(),
                "shards",
                shards,
                "must be <= batch_size, which is " + training.batchSize());
        checkConfig(
                !hasOuterStep() || training.evaluation().evalSteps() % localSteps == 0,
                "eval_steps",
                training.evaluation().evalSteps(),
                "must be a multiple of local_steps, which is " + localSteps
                        + ": between outer steps the model does not change");
    }

    /** The batches of all replicas as one. */
    TrainingConfig widened(TrainingConfig training) {
        StepsConfig steps = training.data();
        long rows = (long) steps.batchSize() * replicas;
        checkConfig(
                rows <= Integer.MAX_VALUE,
                "replicas",
                replicas,
                "must be smaller with batch_size: " + steps.batchSize());
        return training.with(new StepsConfig(
                (int) rows, steps.maxSteps(), steps.numTrainEpochs(), steps.shuffle(), steps.dataSeed()));
    }

    Replicas.Settings settings() {
        return new Replicas.Settings(
                replicas, localSteps, new OuterOptimizer(outerLearningRate, outerMomentum), differenceDtype);
    }
}
