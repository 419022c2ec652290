package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.LoraConfig;
import io.github.rlhf4j.core.model.LoraInit;
import io.github.rlhf4j.core.model.LoraVariant;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.SavedModules;
import io.github.rlhf4j.core.model.TargetModules;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Where a model has an adapter the adapter alone is trained. */
class AdapterTrainingTest {
    private static final int VOCABULARY = 31;
    private static final ModelConfig CONFIG = ModelConfig.llama(VOCABULARY, 16, 24, 2, 2, 1, 64, true);
    private static final LoraConfig LORA = new LoraConfig(
            4,
            8,
            false,
            Optional.of(TargetModules.all()),
            new LoraVariant(0.1, true, LoraInit.OLORA),
            new SavedModules(List.of("norm"), false));

    /** What became of a model. */
    private record Trained(
            List<Double> losses, List<Double> norms, double[] adapter, double[] base, Set<String> state) {}

    private static Trained train(int threads, int microBatchTokens, boolean together) {
        OptimizerSettings settings = new OptimizerSettings(
                0.9, 0.999, 1e-8, 0, 1, microBatchTokens, false, microBatchTokens == 40 ? 0.1 : 0);
        try (CpuKernels kernels = new CpuKernels(threads);
                Transformer model = Transformer.create(CONFIG, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(5))) {
            model.addAdapter(LORA, CounterRandom.of(6));
            try (ModelTrainer trainer =
                    new ModelTrainer(model, 1e-2, new LearningRateSchedule.Constant(), settings, CounterRandom.of(1))) {
                List<Double> losses = new ArrayList<>();
                List<Double> norms = new ArrayList<>();
                for (int step = 0; step < 8; step++) {
                    List<List<TokenSequence>> examples = together
                            ? List.of(examples().stream().flatMap(List::stream).toList())
                            : examples();
                    StepResult result = trainer.optimize(List.of(WeightedObjective.of(examples, new NextTokenLoss(2))));
                    losses.add(result.loss());
                    norms.add(result.gradientNorm());
                }
                return new Trained(
                        losses,
                        norms,
                        values(model.trained().all()),
                        values(model.parameters().all()),
                        trainer.tensors().keySet());
            }
        }
    }

    private static double[] values(List<Parameter> parameters) {
        return parameters.stream()
                .flatMapToDouble(parameter -> Arrays.stream(parameter.value().toArray()))
                .toArray();
    }

    @Test
    void theModelStaysAndTheLossFalls() {
        Trained trained = train(2, 10_000, false);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer start = Transformer.create(CONFIG, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(5))) {
            assertThat(trained.base()).containsExactly(values(start.parameters().all()));
        }
        assertThat(trained.losses().get(7)).isLessThan(trained.losses().get(0));
        assertThat(trained.state()).hasSize(3 * 43).allMatch(name -> name.contains("base_model."));
    }

    @Test
    void threadsChangeNoBit() {
        Trained one = train(1, 40, false);
        for (int threads : new int[] {2, 3}) {
            Trained more = train(threads, 40, false);
            assertThat(more.adapter()).containsExactly(one.adapter());
            assertThat(more.norms()).isEqualTo(one.norms());
        }
    }

    @Test
    void replicasAndMicroBatchesGiveTheGradientOfOnePass() {
        Trained onePass = train(2, 10_000, true);
        for (Trained other : List.of(train(2, 10_000, false), train(2, 16, false))) {
            for (int step = 0; step < 8; step++) {
                assertThat(other.losses().get(step)).isCloseTo(onePass.losses().get(step), within(1e-4));
                assertThat(other.norms().get(step)).isCloseTo(onePass.norms().get(step), within(1e-4));
            }
        }
    }

    private static List<List<TokenSequence>> examples() {
        return ModelTrainerTest.examples(16);
    }
}
