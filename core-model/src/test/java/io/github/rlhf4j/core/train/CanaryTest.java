package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.AdamWSettings;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bits that flip while a model is trained. */
class CanaryTest {
    private static final List<List<TokenSequence>> EXAMPLES = IntStream.range(0, 4)
            .mapToObj(i -> List.of(TokenSequence.all(new int[] {1 + i, 2 + i, 3 + i, 4})))
            .toList();

    /** A bit of a number, from the last one on. */
    private static void flip(Tensor tensor, int bit) {
        double value = tensor.get(0, 0);
        tensor.set(0, 0, Float.intBitsToFloat(Float.floatToRawIntBits((float) value) ^ 1 << bit));
    }

    private interface Attempt {
        void on(Transformer model, ModelTrainer trainer);
    }

    private static void with(long canarySteps, Attempt attempt) {
        ModelConfig config = ModelConfig.llama(20, 8, 16, 2, 2, 1, 16, true);
        OptimizerSettings settings = new OptimizerSettings(0.9, 0.999, 1e-8, 0, 1, 0, false, 0.1);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = Transformer.create(config, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(5));
                ModelTrainer trainer = new ModelTrainer(
                        model, 1e-2, new LearningRateSchedule.Constant(), settings, CounterRandom.of(1))) {
            if (canarySteps > 0) {
                trainer.watch(canarySteps);
            }
            attempt.on(model, trainer);
        }
    }

    private static void step(ModelTrainer trainer, Objective<List<TokenSequence>> objective) {
        trainer.optimize(List.of(WeightedObjective.of(EXAMPLES, objective)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.", "first_moment.", "second_moment."})
    void aBitThatFlipsBetweenTwoUpdatesIsFoundBeforeTheSecond(String kind) {
        with(100, (model, trainer) -> {
            step(trainer, new NextTokenLoss(2));
            step(trainer, new NextTokenLoss(2));
            String name = kind + model.trained().all().get(3).name();
            flip(Objects.requireNonNull(trainer.tensors().get(name)), 0);

            assertThatThrownBy(() -> step(trainer, new NextTokenLoss(2)))
                    .isInstanceOf(Corruption.class)
                    .hasMessage(name + " has changed since step 2, though nothing has written to it");
            assertThatThrownBy(trainer::verify).isInstanceOf(Corruption.class);
            assertThat(trainer.steps()).isEqualTo(2);
        });
    }

    @Test
    void updatesWithAccumulatedGradientsAreWatchedToo() {
        List<WeightedObjective<?>> terms = List.of(WeightedObjective.of(EXAMPLES, new NextTokenLoss(2)));
        AdamWSettings settings = new AdamWSettings(0.9, 0.999, 1e-8, 0);
        with(100, (model, trainer) -> {
            for (int step = 0; step < 2; step++) {
                trainer.accumulate(terms);
                trainer.update(1e-2, settings, 1);
            }
            String name = "model." + model.trained().all().get(3).name();
            flip(Objects.requireNonNull(trainer.tensors().get(name)), 0);
            trainer.accumulate(terms);

            assertThatThrownBy(() -> trainer.update(1e-2, settings, 1))
                    .isInstanceOf(Corruption.class)
                    .hasMessage(name + " has changed since step 2, though nothing has written to it");
            assertThat(trainer.steps()).isEqualTo(2);
        });
    }

    /** Flips a bit of a gradient once, after so many evaluations. */
    private static final class Flipping implements Objective<List<TokenSequence>> {
        private final NextTokenLoss loss = new NextTokenLoss(2);
        private final Parameter parameter;
        private boolean isDue = true;

        Flipping(Parameter parameter) {
            this.parameter = parameter;
        }

        @Override
        public List<TokenSequence> layout(List<TokenSequence> example) {
            return example;
        }

        @Override
        public Set<Column> statistics() {
            return loss.statistics();
        }

        @Override
        public boolean hasConstantGradient() {
            return true;
        }

        @Override
        public void evaluate(ObjectiveBatch<List<TokenSequence>> batch) {
            loss.evaluate(batch);
            if (isDue && parameter.gradient().orElseThrow().get(0, 0) != 0) {
                isDue = false;
                flip(parameter.gradient().orElseThrow(), 20); // the last ones may be lost when replicas are summed
            }
        }
    }

    @Test
    void aBitThatFlipsInAGradientIsFoundWhereItIsComputedTwice() {
        with(2, (model, trainer) -> {
            Parameter parameter = model.trained().all().get(3);
            step(trainer, new NextTokenLoss(2)); // 1: compared
            step(trainer, new Flipping(parameter)); // 2: not
            assertThatThrownBy(() -> step(trainer, new Flipping(parameter))) // 3: compared
                    .isInstanceOf(Corruption.class)
                    .hasMessageContaining("the gradient of " + parameter.name() + " in step 3, computed twice");
            assertThat(trainer.steps()).isEqualTo(2);
        });
    }

    @Test
    void watchingChangesNothing() {
        double[][] weights = new double[2][];
        for (int watched = 0; watched < 2; watched++) {
            int index = watched;
            with(watched, (model, trainer) -> {
                for (int step = 0; step < 4; step++) {
                    step(trainer, new NextTokenLoss(2));
                }
                weights[index] = model.embedding().toArray();
            });
        }
        assertThat(weights[1]).containsExactly(weights[0]);
    }
}
