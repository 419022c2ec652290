package io.github.rlhf4j.core.kernels.conformance;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One implementation at work on inputs that follow from a seed (and are float32 numbers for every type), and what it computed. */
public final class KernelRun implements AutoCloseable {
    public final Kernels kernels;
    private final NativeMemory memory = new NativeMemory(1 << 20);
    private final CounterRandom random = CounterRandom.of(20260101);
    private long drawn;
    private final Map<String, double[]> results = new LinkedHashMap<>();

    public KernelRun(Kernels kernels) {
        this.kernels = kernels;
    }

    public static Map<String, double[]> results(Kernels kernels, Scenario scenario) {
        try (KernelRun run = new KernelRun(kernels)) {
            scenario.body().accept(run);
            return run.results;
        }
    }

    /** A named use of kernels. */
    public record Scenario(String name, java.util.function.Consumer<KernelRun> body) {
        @Override
        public String toString() {
            return name;
        }
    }

    public DataType type() {
        return kernels.type();
    }

    public Tensor zeros(int rows, int columns) {
        return memory.allocate(type(), rows, columns);
    }

    public Tensor random(int rows, int columns) {
        return fill(zeros(rows, columns), 1);
    }

    public Tensor random(int rows, int columns, double scale) {
        return fill(zeros(rows, columns), scale);
    }

    /** Weights in fewer bits. */
    public CompactMatrix compact(WeightType weights, int rows, int columns) {
        CompactMatrix matrix = CompactMatrix.allocate(memory, weights, rows, columns);
        float[] row = new float[columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                row[j] = (float) random.gaussian(drawn++);
            }
            matrix.set(i, row, 0);
        }
        return matrix;
    }

    /** Empty panels on the heap and in native memory. */
    public List<CompactPanels> panels(WeightType weights, int outputs, int inputs) {
        return List.of(
                CompactPanels.allocate(null, weights, outputs, inputs),
                CompactPanels.allocate(memory, weights, outputs, inputs));
    }

    /** A large one: each row begins at another place of the same numbers, so that few are drawn. */
    public CompactMatrix largeCompact(WeightType weights, int rows, int columns) {
        CompactMatrix matrix = CompactMatrix.allocate(memory, weights, rows, columns);
        float[] numbers = new float[columns + rows];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.gaussian(drawn++);
        }
        for (int i = 0; i < rows; i++) {
            matrix.set(i, numbers, i);
        }
        return matrix;
    }

    /** A view of the middle columns of a wider tensor, whose other columns hold a value that must survive. */
    public Tensor strided(int rows, int columns) {
        Tensor wide = zeros(rows, columns + 7);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns + 7; j++) {
                wide.set(i, j, 77);
            }
        }
        guarded = wide;
        return fill(wide.columns(3, 3 + columns), 1);
    }

    private Tensor guarded = memory.allocate(DataType.FLOAT, 1, 1);

    /** Records the columns around the last strided view, which no kernel may touch. */
    public void recordGuard() {
        int columns = guarded.columns();
        record("columns left of the view", guarded.columns(0, 3));
        record("columns right of the view", guarded.columns(columns - 4, columns));
    }

    public Tensor fill(Tensor tensor, double scale) {
        for (int i = 0; i < tensor.rows(); i++) {
            for (int j = 0; j < tensor.columns(); j++) {
                tensor.set(i, j, (float) (random.gaussian(drawn++) * scale));
            }
        }
        return tensor;
    }

    public int[] indices(int count, int bound) {
        int[] indices = new int[count];
        for (int i = 0; i < count; i++) {
            indices[i] = random.below(drawn++, bound);
        }
        return indices;
    }

    public double[] doubles(int count) {
        double[] doubles = new double[count];
        for (int i = 0; i < count; i++) {
            doubles[i] = (float) (2 * random.uniform(drawn++) - 1);
        }
        return doubles;
    }

    public void record(String name, Tensor tensor) {
        record(name, tensor.toArray());
    }

    public void record(String name, double... values) {
        results.put(name, values.clone());
    }

    @Override
    public void close() {
        memory.close();
    }
}
