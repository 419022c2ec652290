package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.AllocationSites;
import io.github.rlhf4j.core.kernels.OwnProcess;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.optim.AdamW;
import io.github.rlhf4j.core.optim.AdamWSettings;
import io.github.rlhf4j.core.optim.GradientClipping;
import io.github.rlhf4j.core.process.JavaHeap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A training step allocates nothing once its size of batch has been seen, and its result does not depend on the threads. */
class SteadyStateTest {
    private static final ModelConfig LLAMA = ModelConfig.llama(512, 64, 172, 4, 8, 4, 256, true);

    /** Llama, and a smaller model of each other kind of layer. */
    static List<ModelConfig> configs() {
        AttentionConfig attention = AttentionConfig.plain(4, 2, 16);
        NormConfig layerNorm = new NormConfig(NormConfig.Kind.LAYER, 1e-5);
        return List.of(
                LLAMA,
                config(
                        Family.QWEN3,
                        LLAMA.norm(),
                        LLAMA.positions(),
                        new AttentionConfig(4, 2, 16, false, false, true, 0, 0),
                        FeedForwardConfig.swiGlu(100)),
                config(
                        Family.GPT2,
                        layerNorm,
                        new Positions.Learned(),
                        new AttentionConfig(4, 4, 16, true, true, false, 0, 0),
                        FeedForwardConfig.gelu(100)),
                config(
                        Family.MIXTRAL,
                        LLAMA.norm(),
                        LLAMA.positions(),
                        attention,
                        FeedForwardConfig.experts(60, 4, 2, 0.01)));
    }

    private static ModelConfig config(
            Family family,
            NormConfig norm,
            Positions positions,
            AttentionConfig attention,
            FeedForwardConfig feedForward) {
        return new ModelConfig(family, 512, 64, 2, 256, norm, positions, attention, feedForward, true, 0.02);
    }

    /** Batches of different sizes, the largest first. */
    private static List<PackedBatch> batches() {
        List<PackedBatch> batches = new ArrayList<>();
        for (int count : new int[] {6, 4, 5}) {
            List<TokenSequence> sequences = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                CounterRandom random = CounterRandom.of(100L * count + i);
                int[] ids = new int[60 + 7 * i];
                Arrays.setAll(ids, j -> random.below(j, 512));
                sequences.add(TokenSequence.completion(ids, 20));
            }
            batches.add(PackedBatch.ofSingles(sequences));
        }
        return batches;
    }

    private static void step(Transformer model, AdamW optimiser, PackedBatch batch, double[] gradients, Outputs out) {
        model.parameters().zeroGradients();
        double routerLoss = model.config().feedForward().routerLoss() > 0 ? 1 : 0;
        ForwardRequest request = ForwardRequest.logProbs().withRouterLoss(routerLoss);
        model.forwardBackward(batch, request, gradients, out);
        model.forward(batch, request.forTraining(), out);
        model.backward(batch, gradients, new double[0], new double[0]);
        double norm = GradientClipping.norm(model.parameters(), model.kernels());
        optimiser.step(1e-3, GradientClipping.factor(norm, 1));
    }

    @ParameterizedTest
    @MethodSource("places")
    void allocatesNothing(int config) {
        OwnProcess.run(Steps.class, Integer.toString(config));
    }

    /** Of all configs, for a process's argument. */
    static IntStream places() {
        return IntStream.range(0, configs().size());
    }

    /** Steps of a model until they are warm, in a process of its own. */
    static final class Steps {
        private Steps() {}

        public static void main(String[] arguments) {
            allocateNothing(configs().get(Integer.parseInt(arguments[0])));
        }
    }

    private static void allocateNothing(ModelConfig config) {
        try (CpuKernels kernels = new CpuKernels(2);
                Transformer model =
                        Transformer.create(config, EnumSet.of(Head.LANGUAGE), kernels, CounterRandom.of(1))) {
            model.parameters().enableGradients();
            try (AdamW optimiser = new AdamW(model.parameters(), new AdamWSettings(0.9, 0.999, 1e-8, 0.1), kernels)) {
                List<PackedBatch> batches = batches();
                Outputs out = new Outputs();
                double[] gradients = new double[batches.get(0).targets()];
                Arrays.fill(gradients, -1e-3);
                for (int i = 0; i < 60; i++) {
                    step(model, optimiser, batches.get(i % 3), gradients, out);
                }
                long nativeBytes = Pointer.totalBytes();
                long activationBytes = model.activationBytes();
                long heapAStep = Long.MAX_VALUE; // the smallest: the JIT may still be at work
                for (int attempt = 0; attempt < 30 && heapAStep >= 64 << 10; attempt++) {
                    long heapBytes = JavaHeap.allocated();
                    for (int i = 0; i < 30; i++) {
                        step(model, optimiser, batches.get(i % 3), gradients, out);
                    }
                    heapAStep = Math.min(heapAStep, (JavaHeap.allocated() - heapBytes) / 30);
                }
                assertThat(Pointer.totalBytes()).as("native bytes").isEqualTo(nativeBytes);
                assertThat(model.activationBytes()).as("activation bytes").isEqualTo(activationBytes);
                assertThat(heapAStep)
                        .as(() -> "heap bytes a step; "
                                + AllocationSites.of(() -> step(model, optimiser, batches.get(0), gradients, out), 200))
                        .isLessThan(64 << 10);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void givesTheSameBytesWithOneThreadAndWithTwo(ModelConfig config) {
        assertThat(trained(config, 1)).isEqualTo(trained(config, 2));
    }

    private static List<Double> trained(ModelConfig config, int threads) {
        try (CpuKernels kernels = new CpuKernels(threads);
                Transformer model =
                        Transformer.create(config, EnumSet.of(Head.LANGUAGE), kernels, CounterRandom.of(1))) {
            model.parameters().enableGradients();
            try (AdamW optimiser = new AdamW(model.parameters(), new AdamWSettings(0.9, 0.999, 1e-8, 0.1), kernels)) {
                Outputs out = new Outputs();
                for (PackedBatch batch : batches()) {
                    double[] gradients = new double[batch.targets()];
                    Arrays.fill(gradients, -1.0 / batch.targets());
                    step(model, optimiser, batch, gradients, out);
                }
                List<Double> weights = new ArrayList<>();
                for (Parameter parameter : model.parameters().all()) {
                    Arrays.stream(parameter.value().toArray()).forEach(weights::add);
                }
                return weights;
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void estimatesTheActivationsWithinAQuarter(ModelConfig config) {
        try (CpuKernels kernels = new CpuKernels(2);
                Transformer model =
                        Transformer.create(config, EnumSet.of(Head.LANGUAGE), kernels, CounterRandom.of(1))) {
            model.parameters().enableGradients();
            int[] ids = new int[200];
            List<TokenSequence> sequences = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                sequences.add(TokenSequence.all(ids));
            }
            PackedBatch batch = PackedBatch.ofSingles(sequences);
            double[] gradients = new double[batch.targets()];
            model.forwardBackward(batch, ForwardRequest.logProbs(), gradients, new Outputs());
            double share = (double) model.activationBytes(batch.rows(), true) / model.activationBytes();
            assertThat(share).isBetween(0.75, 1.25);
        }
    }
}
