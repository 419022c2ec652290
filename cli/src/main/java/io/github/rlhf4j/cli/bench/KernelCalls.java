package io.github.rlhf4j.cli.bench;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.kernels.RowMaxima;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Calls of single kernels as a model's training step and generation make them: the shapes of one layer and of the head, N rows in sequences of T tokens. A call may be repeated. */
public final class KernelCalls implements AutoCloseable {
    private static final int ROWS = 1024;
    private static final int MOST_LENGTH = 256;
    private static final int BATCH = 16;
    private static final int LOGITS = 1 << 23;
    private static final int PARAMETERS = 20_000_000;

    private final NativeMemory memory = new NativeMemory();
    private final ModelConfig config;
    private final Kernels kernels;
    private final int length;
    private final Map<String, Runnable> calls = new LinkedHashMap<>();

    public KernelCalls(ModelConfig config, Kernels kernels) {
        this.config = config;
        this.kernels = kernels;
        this.length = Math.min(MOST_LENGTH, config.maxPositions());
        products();
        attention();
        layer();
        head();
        optimizer();
        decoding();
    }

    /** What to run, by name. */
    public Map<String, Runnable> calls() {
        return calls;
    }

    private void products() {
        linear("query-key-value", ROWS, config.hiddenSize(), config.queryKeyValueWidth());
        linear("attention output", ROWS, config.queryWidth(), config.hiddenSize());
        linear("gate and up", ROWS, config.hiddenSize(), 2 * config.intermediateSize());
        linear("down", ROWS, config.intermediateSize(), config.hiddenSize());
        linear("head", headRows(), config.hiddenSize(), config.vocabSize());
    }

    private void linear(String name, int rows, int inputs, int outputs) {
        Tensor x = filled(rows, inputs);
        Tensor weight = filled(outputs, inputs);
        Tensor y = filled(rows, outputs);
        Tensor dX = filled(rows, inputs);
        Tensor dWeight = filled(outputs, inputs);
        calls.put(name, () -> kernels.matmul(y, x, false, weight, true, 1, 0));
        calls.put(name + ": inputs' gradient", () -> kernels.matmul(dX, y, false, weight, false, 1, 0));
        calls.put(name + ": weights' gradient", () -> kernels.matmul(dWeight, y, true, x, false, 1e-3, 1));
    }

    private void attention() {
        int sequences = ROWS / length;
        int[] starts = new int[sequences];
        int[] lengths = new int[sequences];
        int[] parents = new int[sequences];
        int[] trees = new int[sequences + 1];
        Arrays.setAll(starts, i -> i * length);
        Arrays.fill(lengths, length);
        Arrays.fill(parents, -1);
        Arrays.setAll(trees, i -> i);
        AttentionLayout layout = new AttentionLayout(
                starts, lengths, parents, trees, config.heads(), config.keyValueHeads(), config.headDim(), scale(), 0);
        int rows = sequences * length;
        Tensor queryKeyValue = filled(rows, config.queryKeyValueWidth());
        Tensor dQueryKeyValue = filled(rows, config.queryKeyValueWidth());
        Tensor out = filled(rows, config.queryWidth());
        Tensor dOut = filled(rows, config.queryWidth());
        Tensor logSumExp = filled(rows, config.heads());
        calls.put("attention", () -> kernels.attention(out, logSumExp, queryKeyValue, layout));
        kernels.attention(out, logSumExp, queryKeyValue, layout); // what its gradient needs
        calls.put(
                "attention's gradient",
                () -> kernels.attentionBackward(dQueryKeyValue, dOut, out, logSumExp, queryKeyValue, layout));
        Tensor turned = filled(rows, config.queryWidth() + config.keyValueWidth());
        Tensor cosine = memory.allocate(kernels.type(), length, config.headDim() / 2);
        Tensor sine = memory.allocate(kernels.type(), length, config.headDim() / 2);
        fillTurns(cosine, sine);
        int[] positions = new int[rows];
        Arrays.setAll(positions, i -> i % length);
        calls.put("rotation", () -> kernels.rotate(turned, positions, cosine, sine, config.headDim(), false));
    }

    /** Cosines and sines of the same angles: what is turned over and over then keeps its length, and never becomes subnormal, which takes many times as long. */
    private static void fillTurns(Tensor cosine, Tensor sine) {
        for (int row = 0; row < cosine.rows(); row++) {
            for (int column = 0; column < cosine.columns(); column++) {
                cosine.set(row, column, Math.cos(row + column));
                sine.set(row, column, Math.sin(row + column));
            }
        }
    }

    private double scale() {
        return 1 / Math.sqrt(config.headDim());
    }

    private void layer() {
        Tensor x = filled(ROWS, config.hiddenSize());
        Tensor y = filled(ROWS, config.hiddenSize());
        Tensor dX = filled(ROWS, config.hiddenSize());
        Tensor weight = filled(1, config.hiddenSize());
        Tensor dWeight = filled(1, config.hiddenSize());
        Tensor inverse = filled(ROWS, 1);
        calls.put("norm", () -> kernels.rmsNorm(y, inverse, x, weight, 1e-5));
        calls.put("norm's gradient", () -> kernels.rmsNormBackward(dX, dWeight, y, x, inverse, weight));
        Tensor gateUp = filled(ROWS, 2 * config.intermediateSize());
        Tensor dGateUp = filled(ROWS, 2 * config.intermediateSize());
        Tensor gated = filled(ROWS, config.intermediateSize());
        calls.put("gated unit", () -> kernels.swiGlu(gated, gateUp));
        calls.put("gated unit's gradient", () -> kernels.swiGluBackward(dGateUp, gated, gateUp));
    }

    private int headRows() {
        return Math.max(1, Math.min(ROWS, LOGITS / config.vocabSize()));
    }

    private void head() {
        int rows = headRows();
        Tensor logits = filled(rows, config.vocabSize());
        LogitStatistics statistics = new LogitStatistics();
        statistics.resize(rows);
        Set<LogitStatistics.Column> wanted = EnumSet.of(LogitStatistics.Column.LOG_PROB);
        int[] targets = new int[rows];
        double[] weights = new double[rows];
        Arrays.fill(weights, -1);
        calls.put("log-probs", () -> kernels.logitStatistics(statistics, wanted, logits, targets, 0, 1));
        calls.put(
                "log-probs and gradient",
                () -> kernels.logitStatisticsAndGradients(statistics, wanted, logits, targets, weights, 0, 1));
    }

    private void optimizer() {
        long layer = (long) config.hiddenSize()
                * (config.queryKeyValueWidth() + config.queryWidth() + 3 * config.intermediateSize());
        long all = (long) config.vocabSize() * config.hiddenSize() + config.layers() * layer;
        int count = (int) Math.min(PARAMETERS, all);
        Tensor value = filled(1, count);
        Tensor gradient = filled(1, count);
        Tensor first = filled(1, count);
        Tensor second = memory.allocate(kernels.type(), 1, count);
        Kernels.AdamWStep step = new Kernels.AdamWStep(1, 1e-6, 0.9, 0.999, 1e-8, 0, 1);
        calls.put("AdamW", () -> kernels.adamW(value, gradient, first, second, step));
        calls.put("sum of squares", () -> kernels.sumOfSquares(gradient));
    }

    private void decoding() {
        packed("gate and up", config.hiddenSize(), 2 * config.intermediateSize());
        packed("head", config.hiddenSize(), config.vocabSize());
        CacheLayout layout = new CacheLayout(config.heads(), config.keyValueHeads(), config.headDim(), scale(), 0);
        int pagesEach = CacheLayout.pages(length);
        Tensor cache = filled(BATCH * pagesEach, layout.pageSize());
        Tensor queryKeyValue = filled(BATCH, config.queryKeyValueWidth());
        Tensor out = filled(BATCH, config.queryWidth());
        int[] positions = new int[BATCH];
        int[][] pages = new int[BATCH][pagesEach];
        for (int row = 0; row < BATCH; row++) {
            int first = row * pagesEach;
            positions[row] = length - 1;
            Arrays.setAll(pages[row], i -> first + i);
        }
        for (int rows : new int[] {1, BATCH}) {
            calls.put(
                    "decode attention (" + rows + " x " + length + ")",
                    () -> kernels.decodeAttention(out, queryKeyValue, cache, layout, positions, pages, rows));
        }
        Tensor logits = filled(BATCH, config.vocabSize());
        RowMaxima maxima = new RowMaxima();
        calls.put("decode exponentials (" + BATCH + ")", () -> kernels.exponentiate(logits, BATCH, 1, maxima));
    }

    private void packed(String name, int inputs, int outputs) {
        Tensor panels = Tensor.onHeap(Kernels.panels(outputs), Kernels.PANEL * inputs);
        kernels.pack(panels, filled(outputs, inputs));
        for (int rows : new int[] {1, BATCH}) {
            Tensor x = filled(rows, inputs);
            Tensor out = filled(rows, outputs);
            calls.put("decode " + name + " (" + rows + ")", () -> kernels.multiplyPacked(out, x, panels, false));
        }
    }

    /** Numbers of either sign, none of them near 0. */
    private Tensor filled(int rows, int columns) {
        Tensor tensor = memory.allocate(kernels.type(), rows, columns);
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int mixed = (31 * row + column) * 0x9E3779B9 >>> 20;
                tensor.set(row, column, (mixed - 2047.5) / 4096);
            }
        }
        return tensor;
    }

    @Override
    public void close() {
        memory.close();
    }
}
