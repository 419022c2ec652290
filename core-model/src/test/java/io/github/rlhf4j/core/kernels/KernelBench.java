package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/**
 * Times every kernel on the shapes of one layer and of the head of a model, smallest of many runs: GFLOP/s of products, GB/s of the rest, and the share of products in a training step.
 *
 * <p>Not a test; run its main with {@code --add-modules jdk.incubator.vector}, arguments: threads, then runs.
 */
public final class KernelBench {
    private final CpuKernels kernels;
    private final int runs;
    private double products;
    private double others;

    /** A model's sizes: hidden, feed-forward, vocabulary, heads, key-value heads, layers, tokens of a step, tokens of a sequence. */
    private record Sizes(
            String name,
            int hidden,
            int wide,
            int vocabulary,
            int heads,
            int keyValueHeads,
            int layers,
            int tokens,
            int length) {}

    private KernelBench(CpuKernels kernels, int runs) {
        this.kernels = kernels;
        this.runs = runs;
    }

    /** @param arguments threads (2), runs (30) */
    public static void main(String[] arguments) {
        int threads = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2;
        int runs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 30;
        try (CpuKernels kernels = new CpuKernels(threads)) {
            System.out.println(kernels.description());
            Sizes[] models = {
                new Sizes("5.8M", 256, 688, 4096, 8, 8, 6, 1024, 256),
                new Sizes("stories260k", 64, 172, 512, 8, 4, 5, 1024, 256),
                new Sizes("SmolLM2", 576, 1536, 49152, 9, 3, 30, 1024, 256)
            };
            for (Sizes model : models) {
                new KernelBench(kernels, runs).model(model);
            }
        }
    }

    private void time(String name, int times, double amount, String unit, boolean product, Runnable body) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < runs + 20; i++) {
            long start = System.nanoTime();
            body.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        System.out.printf("  %-34s %9.1f us  %7.1f %s%n", name, best / 1e3, amount / best, unit);
        if (product) {
            products += best * (double) times;
        } else {
            others += best * (double) times;
        }
    }

    private void model(Sizes m) {
        System.out.println(m.name() + ": " + m.tokens() + " tokens, sequences of " + m.length());
        try (NativeMemory memory = new NativeMemory()) {
            layer(m, memory);
            head(m, memory);
        }
        System.out.printf(
                "  step: products %.1f ms, everything else %.1f ms: products are %.0f %%, %.0f tokens/s%n",
                products / 1e6,
                others / 1e6,
                100 * products / (products + others),
                m.tokens() / (products + others) * 1e9);
    }

    private void layer(Sizes m, NativeMemory memory) {
        int n = m.tokens();
        int c = m.hidden();
        int headDim = c / m.heads();
        int qkv = (m.heads() + 2 * m.keyValueHeads()) * headDim;
        Tensor x = random(memory, n, c);
        Tensor y = random(memory, n, c);
        linear("qkv", m.layers(), x, random(memory, qkv, c), random(memory, n, qkv), memory);
        linear("attention output", m.layers(), x, random(memory, c, c), y, memory);
        Tensor gateUp = random(memory, n, 2 * m.wide());
        linear("gate and up", m.layers(), x, random(memory, 2 * m.wide(), c), gateUp, memory);
        Tensor gated = random(memory, n, m.wide());
        linear("down", m.layers(), gated, random(memory, c, m.wide()), y, memory);
        Tensor weight = random(memory, 1, c);
        Tensor inverse = random(memory, n, 1);
        double bytes = 4.0 * n * c;
        time("norm", 2 * m.layers(), 2 * bytes, "GB/s", false, () -> kernels.rmsNorm(y, inverse, x, weight, 1e-5));
        Tensor dWeight = random(memory, 1, c);
        time("norm backward", 2 * m.layers(), 4 * bytes, "GB/s", false, () -> {
            kernels.zero(dWeight);
            kernels.rmsNormBackward(y, dWeight, y, x, inverse, weight);
        });
        time("add", 2 * m.layers(), 3 * bytes, "GB/s", false, () -> kernels.addScaled(y, x, 1e-6));
        Tensor gradient = random(memory, n, 2 * m.wide());
        double wide = 4.0 * n * m.wide();
        time("gated unit", m.layers(), 3 * wide, "GB/s", false, () -> kernels.swiGlu(gated, gateUp));
        time(
                "gated unit backward",
                m.layers(),
                5 * wide,
                "GB/s",
                false,
                () -> kernels.swiGluBackward(gradient, gated, gateUp));
        attention(m, memory, qkv, headDim);
    }

    private void attention(Sizes m, NativeMemory memory, int qkv, int headDim) {
        int n = m.tokens();
        Tensor in = random(memory, n, qkv);
        Tensor table = random(memory, m.length(), headDim / 2);
        int[] positions = new int[n];
        for (int i = 0; i < n; i++) {
            positions[i] = i % m.length();
        }
        Tensor rotated = in.columns(0, (m.heads() + m.keyValueHeads()) * headDim);
        double bytes = 8.0 * rotated.size();
        time("rotation (twice a layer)", 2 * m.layers(), bytes, "GB/s", false, () -> {
            kernels.rotate(rotated, positions, table, table, headDim, false);
        });
        fill(in);
        int sequences = n / m.length();
        int[] lengths = new int[sequences];
        int[] parents = new int[sequences];
        Arrays.fill(lengths, m.length());
        Arrays.fill(parents, -1);
        int[][] s = Scenarios.layout(lengths, parents);
        AttentionLayout layout = new AttentionLayout(
                s[0], s[1], s[2], s[3], m.heads(), m.keyValueHeads(), headDim, 1 / Math.sqrt(headDim), 0);
        Tensor out = random(memory, n, m.hidden());
        Tensor logs = random(memory, n, m.heads());
        double work = 2.0 * n * m.length() * m.hidden(); // causal: half of 4 T^2 D a head
        time("attention", m.layers(), work, "GFLOP/s", false, () -> kernels.attention(out, logs, in, layout));
        Tensor gradient = random(memory, n, qkv);
        time("attention backward", m.layers(), 2.5 * work, "GFLOP/s", false, () -> {
            kernels.attentionBackward(gradient, out, out, logs, in, layout);
        });
    }

    private void head(Sizes m, NativeMemory memory) {
        int chunk = Math.min(256, m.tokens());
        int chunks = m.tokens() / chunk;
        Tensor logits = random(memory, chunk, m.vocabulary());
        Tensor x = random(memory, chunk, m.hidden());
        Tensor embedding = random(memory, m.vocabulary(), m.hidden());
        linear("head, 256 rows", chunks, x, embedding, logits, memory);
        LogitStatistics statistics = new LogitStatistics();
        statistics.resize(chunk);
        Set<Column> wanted = EnumSet.of(Column.LOG_PROB);
        int[] targets = new Random(1).ints(chunk, 0, m.vocabulary()).toArray();
        double[] weights = new Random(1).doubles(chunk).toArray();
        fill(logits);
        double bytes = 4.0 * logits.size();
        time(
                "log-probs",
                0,
                bytes,
                "GB/s",
                false,
                () -> kernels.logitStatistics(statistics, wanted, logits, targets, 0, 1));
        time("log-probs and gradients", chunks, 2 * bytes, "GB/s", false, () -> {
            kernels.logitStatisticsAndGradients(statistics, wanted, logits, targets, weights, 0, 1);
        });
        int parameters = Math.min(
                20_000_000,
                m.vocabulary() * m.hidden() + m.layers() * (4 * m.hidden() * m.hidden() + 3 * m.hidden() * m.wide()));
        Tensor value = random(memory, 1, parameters);
        Tensor gradient = random(memory, 1, parameters);
        Tensor first = memory.allocate(DataType.FLOAT, 1, parameters);
        Tensor second = memory.allocate(DataType.FLOAT, 1, parameters);
        Kernels.AdamWStep step = new Kernels.AdamWStep(1, 1e-6, 0.9, 0.95, 1e-8, 0.1, 1);
        time(
                "AdamW, at most 20M parameters",
                1,
                28.0 * parameters,
                "GB/s",
                false,
                () -> kernels.adamW(value, gradient, first, second, step));
        time("sum of squares", 1, 4.0 * parameters, "GB/s", false, () -> kernels.sumOfSquares(gradient));
        time("zero", 1, 4.0 * parameters, "GB/s", false, () -> kernels.zero(gradient));
    }

    private void linear(String name, int times, Tensor x, Tensor weight, Tensor y, NativeMemory memory) {
        Tensor dX = random(memory, x.rows(), x.columns());
        Tensor dWeight = random(memory, weight.rows(), weight.columns());
        double flops = 2.0 * x.rows() * weight.size();
        time(name, times, flops, "GFLOP/s", true, () -> kernels.matmul(y, x, false, weight, true, 1, 0));
        time(name + ", dX", times, flops, "GFLOP/s", true, () -> kernels.matmul(dX, y, false, weight, false, 1, 0));
        time(name + ", dW", times, flops, "GFLOP/s", true, () -> kernels.matmul(dWeight, y, true, x, false, 1e-3, 1));
    }

    private static Tensor random(NativeMemory memory, int rows, int columns) {
        return fill(memory.allocate(DataType.FLOAT, rows, columns));
    }

    private static Tensor fill(Tensor tensor) {
        Random random = new Random(1);
        for (int i = 0; i < tensor.rows(); i++) {
            for (int j = 0; j < tensor.columns(); j++) {
                tensor.set(i, j, random.nextFloat() - 0.5f);
            }
        }
        return tensor;
    }
}
