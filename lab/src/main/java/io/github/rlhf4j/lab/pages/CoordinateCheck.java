package io.github.rlhf4j.lab.pages;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.MaximalUpdate;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NextTokenLoss;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.core.train.WeightedObjective;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How large the numbers in a new model are after each of its first steps: with a sound parametrisation that does not depend on the width (Yang et al. 2022, arXiv:2203.03466, Appendix D.1).
 *
 * @param config the shape of the model
 * @param parametrization empty: standard
 * @param learningRate of Adam, the same in all steps
 * @param random draws the weights
 */
record CoordinateCheck(
        ModelConfig config, Optional<MaximalUpdate> parametrization, double learningRate, CounterRandom random) {
    private static final OptimizerSettings ADAM = new OptimizerSettings(0.9, 0.95, 1e-8, 0, 0, 0, false, 0);

    /** Sees the result. */
    interface Sink {
        /**
         * Takes a place of the model.
         *
         * @param place embedding, layer 1, ..., or logits
         * @param size mean of the absolute values
         * @param change mean of the absolute differences from those before the first step
         */
        void take(int step, String place, double size, double change);
    }

    /**
     * Trains on the batches one after the other, and looks at the first one before and after each.
     *
     * @param batches sequences of a step
     */
    void run(List<List<TokenSequence>> batches, Kernels kernels, Sink sink) {
        try (Transformer model = Transformer.create(config, Set.of(Head.LANGUAGE), kernels, random)) {
            parametrization.ifPresent(chosen -> chosen.scale(model));
            try (ModelTrainer trainer = new ModelTrainer(
                    model, learningRate, new LearningRateSchedule.Constant(), ADAM, random.derive("dropout"))) {
                parametrization.ifPresent(trainer::useParametrization);
                PackedBatch looked = PackedBatch.ofSingles(batches.get(0));
                Map<String, double[]> first = numbers(model, looked);
                report(0, first, first, sink);
                for (int step = 1; step <= batches.size(); step++) {
                    List<List<TokenSequence>> examples =
                            batches.get(step - 1).stream().map(List::of).toList();
                    trainer.optimize(List.of(WeightedObjective.of(examples, new NextTokenLoss())));
                    report(step, numbers(model, looked), first, sink);
                }
            }
        }
    }

    private static void report(int step, Map<String, double[]> now, Map<String, double[]> first, Sink sink) {
        now.forEach((place, numbers) -> {
            double[] before = first.getOrDefault(place, numbers);
            double size = 0;
            double change = 0;
            for (int i = 0; i < numbers.length; i++) {
                size += Math.abs(numbers[i]) / numbers.length;
                change += Math.abs(numbers[i] - before[i]) / numbers.length;
            }
            sink.take(step, place, size, change);
        });
    }

    private static Map<String, double[]> numbers(Transformer model, PackedBatch batch) {
        Map<String, double[]> numbers = new LinkedHashMap<>();
        model.hiddenStates(
                batch, (states, layer) -> numbers.put(layer == 0 ? "embedding" : "layer " + layer, states.toArray()));
        try (NativeMemory memory = new NativeMemory()) {
            Tensor logits = memory.allocate(
                    model.kernels().type(), batch.rows(), model.config().vocabSize());
            model.logits(batch, IntStream.range(0, batch.rows()).toArray(), logits);
            numbers.put("logits", logits.toArray());
        }
        return numbers;
    }
}
