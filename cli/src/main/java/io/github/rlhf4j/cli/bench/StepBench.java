package io.github.rlhf4j.cli.bench;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.KernelMeter;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.core.train.WeightedObjective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The training step of SFT and pre-training as users run it: forward, backward, clipping, AdamW.
 *
 * @param sequences of a step
 * @param length tokens of a sequence
 * @param prompt tokens of a sequence that are not targets
 * @param checkpointing recompute activations
 * @param seconds to measure for, and to warm up for
 */
public record StepBench(int sequences, int length, int prompt, boolean checkpointing, double seconds) {
    /** @param model whose kernels are the meter's; its weights change */
    public Measurement run(Transformer model, KernelMeter meter) {
        try (ModelTrainer trainer = trainer(model)) {
            String what = "training step, " + sequences + " sequences of " + length + " tokens, " + prompt
                    + " of them prompt, " + model.parameters().count() + " parameters";
            return Measurement.of(what, (double) sequences * length, meter, seconds, work(model, trainer));
        }
    }

    /** Whose step is measured, to be closed. */
    public ModelTrainer trainer(Transformer model) {
        OptimizerSettings settings = new OptimizerSettings(0.9, 0.999, 1e-8, 0, 1, 0, checkpointing, 0);
        return new ModelTrainer(model, 1e-5, new LearningRateSchedule.Constant(), settings, CounterRandom.of(0));
    }

    /** What is measured. */
    public Runnable work(Transformer model, ModelTrainer trainer) {
        List<List<TokenSequence>> examples = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            CounterRandom random = CounterRandom.of(i);
            int[] ids = new int[length];
            Arrays.setAll(ids, j -> random.below(j, model.config().vocabSize()));
            examples.add(List.of(TokenSequence.completion(ids, prompt)));
        }
        NextTokenLoss loss = new NextTokenLoss(-1);
        return () -> trainer.optimize(List.of(WeightedObjective.of(examples, loss)));
    }
}
