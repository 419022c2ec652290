package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.ParameterStorage;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A forward and a backward pass of a small fixed model, and a product with weights in bfloat16: a worker whose digest of them is another computes other bytes, since its processor or its libraries are others.
 *
 * @param digest of log-probs, gradients and the product
 * @param arithmetic what computed them, for messages
 */
public record Canary(String digest, String arithmetic) {
    private static final int VOCABULARY = 512;

    /** Computes it: some 50 million multiplications, by one thread. */
    public static Canary compute() {
        try (CpuKernels kernels = new CpuKernels(1, 2)) {
            return compute(kernels);
        }
    }

    private static Canary compute(Kernels kernels) {
        ModelConfig shape = ModelConfig.llama(VOCABULARY, 96, 256, 2, 4, 2, 128, false);
        try (Transformer model = Transformer.create(shape, Set.of(Head.LANGUAGE), kernels, CounterRandom.of(17));
                NativeMemory memory = new NativeMemory(1 << 16)) {
            model.parameters().enableGradients();
            PackedBatch batch = PackedBatch.ofSingles(sequences());
            Outputs outputs = new Outputs();
            double[] dLogProb = new double[batch.targets()];
            Arrays.setAll(dLogProb, i -> (1 + i % 7) / 64.0);
            model.forward(batch, ForwardRequest.logProbs().forTraining(), outputs);
            WireWriter all = new WireWriter();
            all.putDoubles(Arrays.copyOf(outputs.logProbs(), batch.targets()));
            model.backward(batch, dLogProb, new double[0], new double[0]);
            for (ParameterStorage storage : model.parameters().storages()) {
                storage.gradient().ifPresent(all::putTensor);
            }
            all.putTensor(product(kernels, memory));
            String inBfloat16 = kernels.readsByAddress(WeightType.BFLOAT16) ? ", bfloat16 multiplied" : "";
            return new Canary(new Sha256().add(all.bytes()).hex(), kernels.description() + inBfloat16);
        }
    }

    /** Generation rounds inputs to bfloat16 where the processor multiplies it, whatever computes the rest. */
    private static Tensor product(Kernels kernels, NativeMemory memory) {
        Tensor x = random(memory, 3, 600, 1);
        CompactPanels weight = CompactPanels.allocate(null, WeightType.BFLOAT16, 80, x.columns());
        kernels.pack(weight, random(memory, weight.outputs(), weight.inputs(), 2));
        Tensor out = memory.allocate(kernels.type(), x.rows(), weight.outputs());
        kernels.multiplyPacked(out, x, weight, false);
        return out;
    }

    private static Tensor random(NativeMemory memory, int rows, int columns, int key) {
        Tensor tensor = memory.allocate(DataType.FLOAT, rows, columns);
        CounterRandom random = CounterRandom.of(29).derive(key);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                tensor.set(row, column, random.gaussian((long) row * columns + column));
            }
        }
        return tensor;
    }

    private static List<TokenSequence> sequences() {
        List<TokenSequence> sequences = new ArrayList<>();
        CounterRandom random = CounterRandom.of(23);
        for (int i = 0; i < 3; i++) {
            int[] ids = new int[70 + 13 * i];
            for (int t = 0; t < ids.length; t++) {
                ids[t] = random.derive(i).below(t, VOCABULARY);
            }
            sequences.add(TokenSequence.all(ids));
        }
        return sequences;
    }

    /** What to say where a worker's is not this one. */
    public String refusal(String worker, Canary other) {
        return "cluster: " + worker + " computes other bytes (" + other.arithmetic() + ") than the driver ("
                + arithmetic
                + "), so results would depend on where they are computed: use machines with the same processor, or give"
                + " all of them the same instruction set, such as ONEDNN_MAX_CPU_ISA=AVX512_CORE, or AVX2 and"
                + " RLHF4J_OPENBLAS_CORETYPE=Haswell (docs/cluster.md)";
    }
}
