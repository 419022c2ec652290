package io.github.rlhf4j.core.kernels.conformance;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.RowMaxima;
import io.github.rlhf4j.core.kernels.conformance.KernelRun.Scenario;
import io.github.rlhf4j.core.math.HalfFloats;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The matrix: every kernel on shapes that have broken kernels before. */
public final class Scenarios {
    private final List<Scenario> all = new ArrayList<>();

    public static List<Scenario> all() {
        Scenarios scenarios = new Scenarios();
        scenarios.products();
        scenarios.compactWeights();
        scenarios.largeCompactWeights();
        scenarios.elements();
        scenarios.transposes();
        scenarios.rows();
        scenarios.norms();
        scenarios.layerNorms();
        scenarios.gelus();
        scenarios.experts();
        scenarios.dropout();
        scenarios.rotations();
        scenarios.gatedUnits();
        scenarios.attentions();
        scenarios.decoding();
        scenarios.logits();
        scenarios.updates();
        return scenarios.all;
    }

    private void add(String name, Consumer<KernelRun> body) {
        all.add(new Scenario(name, body));
    }

    private void products() {
        int[][] shapes = {
            {1, 1, 1},
            {1, 7, 5},
            {5, 1, 3},
            {3, 5, 1},
            {6, 33, 17},
            {16, 300, 64},
            {64, 129, 65},
            {65, 64, 129},
            {130, 70, 33},
            {300, 290, 120},
            {33, 530, 2100}
        };
        for (int[] shape : shapes) {
            for (int flags = 0; flags < 4; flags++) {
                product(shape, (flags & 1) != 0, (flags & 2) != 0);
            }
        }
        add("product of strided views with alpha and beta", run -> {
            Tensor a = run.strided(19, 33);
            Tensor b = run.strided(33, 21);
            Tensor out = run.strided(19, 21);
            run.kernels.matmul(out, a, false, b, false, 0.5, -2);
            run.record("out", out);
            run.recordGuard();
        });
        add("product into garbage with beta 0", run -> {
            Tensor out = run.zeros(9, 9);
            out.set(3, 3, Double.NaN);
            run.kernels.matmul(out, run.random(9, 4), false, run.random(4, 9), false, 1, 0);
            run.record("out", out);
        });
        int[][] deep = {{65, 1, 200}, {70, 21, 900}, {129, 200, 400}, {130, 64, 331}};
        for (int[] shape : deep) {
            add("deep product into garbage " + shape[0] + "x" + shape[1] + "x" + shape[2], run -> {
                Tensor a = run.strided(shape[0], shape[2]);
                Tensor b = run.strided(shape[2], shape[1]);
                Tensor out = run.strided(shape[0], shape[1]);
                out.set(shape[0] - 1, shape[1] - 1, Double.NaN);
                run.kernels.matmul(out, a, false, b, false, 0.5, 0);
                run.record("out", out);
                run.recordGuard();
            });
        }
        add("product into zero rows", run -> {
            Tensor out = run.zeros(0, 8);
            run.kernels.matmul(out, run.zeros(0, 4), false, run.random(4, 8), false, 1, 0);
            run.record("out", out);
        });
    }

    private void product(int[] shape, boolean transposeA, boolean transposeB) {
        int rows = shape[0];
        int columns = shape[1];
        int depth = shape[2];
        String name = "product " + rows + "x" + columns + "x" + depth + (transposeA ? " A^T" : "")
                + (transposeB ? " B^T" : "");
        add(name, run -> {
            Tensor a = transposeA ? run.random(depth, rows) : run.random(rows, depth);
            Tensor b = transposeB ? run.random(columns, depth) : run.random(depth, columns);
            Tensor out = run.random(rows, columns);
            run.kernels.matmul(out, a, transposeA, b, transposeB, 1, 1);
            run.record("out", out);
        });
    }

    private void compactWeights() {
        int[][] shapes = {{1, 1, 1}, {3, 5, 33}, {70, 64, 64}, {65, 130, 200}, {2, 1100, 1030}, {100, 3, 2200}};
        for (WeightType type : List.of(WeightType.BFLOAT16, WeightType.INT8)) {
            for (int[] shape : shapes) {
                String name = type + " " + shape[0] + "x" + shape[1] + "x" + shape[2];
                add("rows of compact weights " + name, run -> {
                    CompactMatrix weight = run.compact(type, shape[1], shape[2]);
                    Tensor out = run.strided(shape[1], shape[2]);
                    run.kernels.expand(out, weight);
                    run.record("all", out);
                    run.recordGuard();
                    int[] rows = run.indices(shape[0] + 1, shape[1]);
                    Tensor some = run.zeros(shape[0], shape[2]);
                    run.kernels.gatherCompact(some, weight, rows, 1, shape[0]);
                    run.record("some", some);
                });
                add("product with compact weights " + name, run -> {
                    CompactMatrix weight =
                            run.compact(type, shape[1] + 2, shape[2]).rows(1, shape[1] + 1);
                    Tensor forward = run.strided(shape[0], shape[1]);
                    run.kernels.multiplyCompact(forward, run.strided(shape[0], shape[2]), weight, true, 1);
                    run.record("forward", forward);
                    Tensor back = run.strided(shape[0], shape[2]);
                    back.set(0, 0, Double.NaN);
                    run.kernels.multiplyCompact(back, run.random(shape[0], shape[1]), weight, false, 0);
                    run.record("backward", back);
                    run.recordGuard();
                });
            }
        }
    }

    /** Wide enough that few rows fit into what is expanded at a time, and a row into what a thread stages: three tiles of rows, the last of them two rows. */
    private void largeCompactWeights() {
        int rows = 130;
        int columns = 65_600;
        for (WeightType type : List.of(WeightType.BFLOAT16, WeightType.INT8)) {
            add("product with compact weights of several tiles " + type, run -> {
                CompactMatrix weight = run.largeCompact(type, rows + 2, columns).rows(1, rows + 1);
                Tensor forward = run.strided(2, rows);
                run.kernels.multiplyCompact(forward, run.strided(2, columns), weight, true, 1);
                run.record("forward", forward);
                for (double beta : new double[] {0, 1}) {
                    Tensor back = run.strided(2, columns);
                    run.kernels.multiplyCompact(back, run.random(2, rows), weight, false, beta);
                    run.record("backward, beta " + beta, back);
                }
                Tensor some = run.zeros(3, columns);
                run.kernels.gatherCompact(some, weight, new int[] {rows - 1, 0, 64}, 0, 3);
                run.record("some", some);
                run.recordGuard();
            });
        }
    }

    private void elements() {
        int[][] shapes = {{1, 1}, {1, 15}, {3, 16}, {7, 17}, {2, 2049}, {67, 1000}};
        for (int[] shape : shapes) {
            add("elements " + shape[0] + "x" + shape[1], run -> elements(run, run.random(shape[0], shape[1])));
            add("strided elements " + shape[0] + "x" + shape[1], run -> {
                elements(run, run.strided(shape[0], shape[1]));
                run.recordGuard();
            });
        }
    }

    private void transposes() {
        for (int[] shape : new int[][] {{1, 1}, {64, 64}, {65, 130}, {300, 17}}) {
            add("transpose of strided views " + shape[0] + "x" + shape[1], run -> {
                Tensor x = run.strided(shape[0], shape[1]);
                Tensor out = run.strided(shape[1], shape[0]);
                run.kernels.transpose(out, x);
                run.record("out", out);
                run.recordGuard();
            });
        }
    }

    private static void elements(KernelRun run, Tensor x) {
        Tensor other = run.random(x.rows(), x.columns());
        run.record("sumOfSquares", run.kernels.sumOfSquares(x));
        run.kernels.addScaled(x, other, -0.3);
        run.record("addScaled", x);
        run.kernels.mix(x, other, 0.6);
        run.record("mix", x);
        run.kernels.scale(x, 1.7);
        run.record("scale", x);
        Tensor copy = run.zeros(x.rows(), x.columns());
        run.kernels.copy(copy, x);
        run.record("copy", copy);
        Tensor transpose = run.zeros(x.columns(), x.rows());
        run.kernels.transpose(transpose, x);
        run.record("transpose", transpose);
        Tensor row = run.random(1, x.columns());
        run.kernels.addRow(x, row);
        run.record("addRow", x);
        run.kernels.addColumnSums(row, x);
        run.record("addColumnSums", row);
        run.kernels.zero(x);
        run.record("zero", x);
    }

    private void rows() {
        for (int columns : new int[] {1, 16, 33, 300}) {
            add("rows picked and added back, " + columns + " columns", run -> {
                Tensor table = run.strided(11, columns);
                int[] picks = run.indices(40, 11);
                Tensor out = run.random(35, columns);
                run.kernels.gatherRows(out, table, picks, 3, 35);
                run.record("gathered", out);
                run.kernels.scatterAddRows(table, picks, 2, 35, out);
                run.record("scattered", table);
                run.recordGuard();
            });
        }
    }

    private void norms() {
        int[][] shapes = {{1, 1}, {1, 64}, {5, 17}, {130, 100}, {70, 576}};
        for (int[] shape : shapes) {
            for (boolean frozen : new boolean[] {false, true}) {
                add(
                        "norm " + shape[0] + "x" + shape[1] + (frozen ? ", weight frozen" : ""),
                        run -> norm(run, shape[0], 1, shape[1], frozen));
            }
        }
        for (int[] shape : new int[][] {{1, 1, 3}, {5, 4, 7}, {70, 3, 64}}) {
            add("norm of heads " + Arrays.toString(shape), run -> norm(run, shape[0], shape[1], shape[2], false));
        }
    }

    private static void norm(KernelRun run, int rows, int groups, int width, boolean frozen) {
        int columns = groups * width;
        Tensor x = run.strided(rows, columns);
        Tensor weight = run.random(1, width);
        Tensor out = run.random(rows, columns);
        Tensor inverse = run.zeros(rows, groups);
        run.kernels.rmsNorm(out, inverse, x, weight, 1e-5);
        run.record("out", out);
        run.record("inverse", inverse);
        Tensor dX = run.random(rows, columns);
        Tensor dWeight = frozen ? run.zeros(1, 0) : run.random(1, width);
        run.kernels.rmsNormBackward(dX, dWeight, run.random(rows, columns), x, inverse, weight);
        run.record("dX", dX);
        run.record("dWeight", dWeight);
    }

    private void layerNorms() {
        int[][] shapes = {{1, 2}, {1, 64}, {5, 17}, {130, 100}, {70, 576}};
        for (int[] shape : shapes) {
            for (boolean frozen : new boolean[] {false, true}) {
                add(
                        "layer norm " + shape[0] + "x" + shape[1] + (frozen ? ", weight frozen" : ""),
                        run -> layerNorm(run, shape[0], shape[1], frozen));
            }
        }
    }

    private static void layerNorm(KernelRun run, int rows, int columns, boolean frozen) {
        Tensor x = run.strided(rows, columns);
        Tensor weight = run.random(1, columns);
        Tensor out = run.random(rows, columns);
        Tensor statistics = run.zeros(rows, 2);
        run.kernels.layerNorm(out, statistics, x, weight, run.random(1, columns), 1e-5);
        run.record("out", out);
        run.record("statistics", statistics);
        Tensor dX = run.random(rows, columns);
        Tensor dWeight = frozen ? run.zeros(1, 0) : run.random(1, columns);
        Tensor dBias = run.random(1, columns);
        run.kernels.layerNormBackward(dX, dWeight, dBias, run.random(rows, columns), x, statistics, weight);
        run.record("dX", dX);
        run.record("dWeight", dWeight);
        run.record("dBias", dBias);
        run.recordGuard();
    }

    private void gelus() {
        for (int width : new int[] {1, 16, 43, 3000}) {
            add("gelu of " + width, run -> {
                Tensor x = run.random(9, width, 3);
                x.set(0, 0, -200);
                x.set(1, 0, 200);
                Tensor out = run.strided(9, width);
                run.kernels.gelu(out, x);
                run.record("out", out);
                run.kernels.geluBackward(out, x);
                run.record("gradient", out);
                run.recordGuard();
            });
        }
    }

    private void experts() {
        for (int[] shape : new int[][] {{1, 2, 1}, {7, 4, 2}, {130, 8, 2}, {33, 5, 3}}) {
            add("experts " + Arrays.toString(shape), run -> experts(run, shape[0], shape[1], shape[2]));
        }
        for (int columns : new int[] {1, 17, 600}) {
            add("rows times factors and rows, " + columns + " columns", run -> {
                Tensor x = run.strided(75, columns);
                run.kernels.scaleRows(x, run.random(75, 1));
                run.record("scaled", x);
                Tensor out = run.random(75, 1);
                run.kernels.rowDots(out, x, run.random(75, columns));
                run.record("dots", out);
                run.recordGuard();
            });
            add("columns times factors and columns, " + columns + " columns", run -> {
                Tensor x = run.strided(75, columns);
                run.kernels.scaleColumns(x, run.random(1, columns));
                run.record("scaled", x);
                Tensor out = run.random(1, columns);
                run.kernels.addColumnDots(out, x, run.strided(75, columns));
                run.record("dots", out);
                run.recordGuard();
            });
        }
    }

    private void dropout() {
        for (double rate : new double[] {0, 0.1, 0.75}) {
            add("dropout of " + rate, run -> {
                Tensor x = run.strided(75, 37);
                run.kernels.dropout(
                        x, LongStream.range(0, 75).map(i -> i * i << 40 | i).toArray(), rate);
                run.record("x", x);
                run.recordGuard();
            });
        }
    }

    private static void experts(KernelRun run, int rows, int experts, int chosen) {
        Tensor probabilities = run.strided(rows, experts);
        probabilities.set(0, 0, probabilities.get(0, 1)); // equals
        Tensor weights = run.random(rows, chosen);
        int[] choice = new int[rows * chosen];
        run.kernels.chooseExperts(probabilities, weights, choice);
        run.record("probabilities", probabilities);
        run.record("weights", weights);
        run.record("choice", Arrays.stream(choice).asDoubleStream().toArray());
        Tensor dLogits = run.random(rows, experts);
        run.kernels.chooseExpertsBackward(dLogits, run.random(rows, chosen), probabilities, weights, choice);
        run.record("dLogits", dLogits);
    }

    private void rotations() {
        for (int headDim : new int[] {2, 8, 16, 24, 32, 64, 96}) {
            add("rotation of heads of " + headDim, run -> {
                Tensor x = run.strided(37, 3 * headDim);
                int[] positions = run.indices(37, 50);
                Tensor cosines = run.random(50, headDim / 2);
                Tensor sines = run.random(50, headDim / 2);
                run.kernels.rotate(x, positions, cosines, sines, headDim, false);
                run.record("forward", x);
                run.kernels.rotate(x, positions, cosines, sines, headDim, true);
                run.record("inverse", x);
                run.recordGuard();
            });
        }
    }

    private void gatedUnits() {
        for (int width : new int[] {1, 16, 43, 172}) {
            add("gated unit of " + width, run -> {
                Tensor gateUp = run.random(45, 2 * width, 4);
                gateUp.set(0, 0, -200);
                gateUp.set(1, 0, 200);
                Tensor out = run.strided(45, width);
                run.kernels.swiGlu(out, gateUp);
                run.record("out", out);
                Tensor dGateUp = run.random(45, 2 * width);
                run.kernels.swiGluBackward(dGateUp, out, gateUp);
                run.record("dGateUp", dGateUp);
                run.record("out again", out);
                run.recordGuard();
            });
        }
    }

    private void attentions() {
        attention("one row", chain(1), 1, 1, 8, 0);
        attention("one short sequence", chain(7), 2, 2, 4, 0);
        attention("a block and one row", chain(65), 2, 1, 16, 0);
        attention("many sequences", layout(new int[] {5, 64, 1, 100, 33}, new int[] {-1, -1, -1, -1, -1}), 4, 2, 8, 0);
        attention("nine heads share three", chain(50), 9, 3, 16, 0);
        attention("a long sequence in several runs of keys", chain(1100), 2, 1, 8, 0);
        attention(
                "a prompt with three answers", layout(new int[] {70, 10, 65, 3}, new int[] {-1, 0, 0, 0}), 4, 2, 8, 0);
        attention("a long prompt with answers", layout(new int[] {700, 90, 5}, new int[] {-1, 0, 0}), 2, 2, 8, 0);
        attention(
                "three levels and a second tree",
                layout(new int[] {9, 4, 6, 2, 40, 7}, new int[] {-1, 0, 1, 1, -1, 4}),
                2,
                2,
                8,
                0);
        attention("a window", chain(150), 2, 1, 8, 20);
        attention("a window of one", chain(9), 2, 1, 8, 1);
        attention("a window over a long sequence", chain(1300), 1, 1, 8, 600);
        attention("a window over a tree", layout(new int[] {70, 30, 90}, new int[] {-1, 0, 0}), 2, 1, 8, 33);
        attention("a window shorter than a block over several runs", chain(900), 1, 1, 8, 40);
        attention("a head that is no whole vector", chain(150), 4, 2, 12, 0);
        attention("the widest narrow head", chain(90), 3, 1, 64, 0);
        attention("wide heads, by BLAS", chain(300), 2, 1, 72, 0);
        attention("wide heads over a tree", layout(new int[] {70, 30, 90}, new int[] {-1, 0, 0}), 4, 2, 80, 0);
        attention("wide heads and a window", chain(400), 1, 1, 96, 60);
        int[][] answers = layout(new int[] {70, 10, 65, 3, 40}, new int[] {-1, 0, 0, 0, -1});
        attention("answers alone attend", answers, 4, 2, 8, 0, new int[] {70, 79, 81, 145});
        attention("answers alone attend, wide heads", answers, 2, 1, 72, 0, new int[] {70, 79, 81, 145});
        attention("the last row attends", chain(40), 4, 4, 32, 0, new int[] {39});
        attention("some rows attend, with a window", chain(150), 2, 1, 12, 20, new int[] {37, 90});
        attention("none attends", chain(20), 2, 1, 8, 0, new int[0]);
    }

    private void attention(
            String name, int[][] segments, int heads, int keyValueHeads, int headDim, int window, int[] attending) {
        attention(name, segments, heads, keyValueHeads, headDim, window, layout -> layout.attendingFrom(attending));
    }

    private void attention(String name, int[][] segments, int heads, int keyValueHeads, int headDim, int window) {
        attention(name, segments, heads, keyValueHeads, headDim, window, layout -> layout);
    }

    private void attention(
            String name,
            int[][] segments,
            int heads,
            int keyValueHeads,
            int headDim,
            int window,
            UnaryOperator<AttentionLayout> attending) {
        add("attention: " + name, run -> {
            AttentionLayout layout = attending.apply(new AttentionLayout(
                    segments[0],
                    segments[1],
                    segments[2],
                    segments[3],
                    heads,
                    keyValueHeads,
                    headDim,
                    1 / Math.sqrt(headDim),
                    window));
            int rows = Arrays.stream(segments[1]).sum();
            Tensor queryKeyValue = run.strided(rows, (heads + 2 * keyValueHeads) * headDim);
            Tensor out = run.random(rows, heads * headDim);
            Tensor logSumExp = run.zeros(rows, heads); // where a row does not attend it stays
            run.kernels.attention(out, logSumExp, queryKeyValue, layout);
            run.record("out", out);
            run.record("logSumExp", logSumExp);
            Tensor gradient = run.strided(rows, queryKeyValue.columns());
            run.kernels.attentionBackward(
                    gradient, run.random(rows, heads * headDim), out, logSumExp, queryKeyValue, layout);
            run.record("gradient", gradient);
            run.recordGuard();
        });
    }

    static int[][] chain(int length) {
        return layout(new int[] {length}, new int[] {-1});
    }

    /** {starts, lengths, parents, first segments of trees} of segments laid end to end. */
    public static int[][] layout(int[] lengths, int[] parents) {
        int[] starts = new int[lengths.length];
        for (int i = 1; i < starts.length; i++) {
            starts[i] = starts[i - 1] + lengths[i - 1];
        }
        int[] roots =
                IntStream.range(0, parents.length).filter(i -> parents[i] < 0).toArray();
        int[] trees = Arrays.copyOf(roots, roots.length + 1);
        trees[roots.length] = lengths.length;
        return new int[][] {starts, lengths, parents, trees};
    }

    private void decoding() {
        int[][] shapes = {{1, 1, 2, 0}, {2, 1, 6, 0}, {4, 2, 8, 10}, {9, 3, 64, 0}, {8, 8, 33, 40}, {6, 2, 16, 0}};
        for (int[] shape : shapes) {
            CacheLayout layout = new CacheLayout(shape[0], shape[1], shape[2], 0.3, shape[3]);
            add("decoding attention " + Arrays.toString(shape), run -> decoding(run, layout));
        }
        int[][] products = {{1, 1, 1}, {3, 31, 7}, {4, 32, 128}, {5, 33, 129}, {16, 100, 300}, {70, 65, 20}};
        for (int[] shape : products) {
            add("packed product " + Arrays.toString(shape), run -> packedProduct(run, shape[0], shape[1], shape[2]));
            for (WeightType type : List.of(WeightType.BFLOAT16, WeightType.INT8)) {
                add(
                        "packed product " + type + " " + Arrays.toString(shape),
                        run -> packedProduct(run, type, shape[0], shape[1], shape[2]));
            }
        }
        for (int columns : new int[] {1, 15, 17, 1000}) {
            add("exponentials of " + columns, run -> exponentials(run, columns));
        }
    }

    private static void packedProduct(KernelRun run, int rows, int outputs, int inputs) {
        Tensor packed = run.random(Kernels.panels(outputs), inputs * Kernels.PANEL);
        run.kernels.pack(packed, run.strided(outputs, inputs));
        run.record("packed", packed);
        Tensor x = run.strided(rows, inputs);
        Tensor out = run.random(rows, outputs);
        run.kernels.multiplyPacked(out, x, packed, true);
        run.record("added", out);
        run.kernels.multiplyPacked(out, x, packed, false);
        run.record("set", out);
    }

    private static void packedProduct(KernelRun run, WeightType type, int rows, int outputs, int inputs) {
        Tensor x = run.strided(rows, inputs);
        for (int row = 0; row < rows && type == WeightType.BFLOAT16; row++) {
            for (int input = 0; input < inputs; input++) { // kernels may round it
                x.set(row, input, HalfFloats.fromBfloat16(HalfFloats.toBfloat16((float) x.get(row, input))));
            }
        }
        Tensor weight = run.strided(outputs, inputs);
        for (CompactPanels packed : run.panels(type, outputs, inputs)) {
            run.kernels.pack(packed, weight);
            Tensor out = run.random(rows, outputs);
            run.kernels.multiplyPacked(out, x, packed, true);
            run.record("added", out);
            run.kernels.multiplyPacked(out, x, packed, false);
            run.record("set", out);
        }
    }

    private static void decoding(KernelRun run, CacheLayout layout) {
        int[] positions = {0, 1, 31, 32, 33, 70, 95, 126, 127, 140, 225, 5};
        int[][] pages = new int[positions.length][];
        int taken = 0;
        for (int row = 0; row < pages.length; row++) {
            int first = taken;
            pages[row] = IntStream.range(0, CacheLayout.pages(positions[row] + 1))
                    .map(page -> 39 - first - page)
                    .toArray();
            taken += pages[row].length;
        }
        Tensor cache = run.random(40, layout.pageSize());
        Tensor out = run.random(12, layout.heads() * layout.headDim());
        Tensor queryKeyValue = run.random(12, layout.rowWidth());
        run.kernels.decodeAttention(out, queryKeyValue, cache, layout, positions, pages, 11);
        run.record("out", out);
        run.record("cache", cache);
    }

    private static void exponentials(KernelRun run, int columns) {
        Tensor x = run.random(5, columns, 3);
        RowMaxima maxima = new RowMaxima();
        run.kernels.exponentiate(x, 4, 0.7, maxima);
        run.record("exponentials", x);
        for (int row = 0; row < 4; row++) {
            run.record("row " + row, maxima.max(row), maxima.sum(row), maxima.top(row));
        }
    }

    private void logits() {
        for (int vocabulary : new int[] {2, 16, 33, 512, 5000}) {
            for (double temperature : new double[] {1, 0.7}) {
                add(
                        "logits over " + vocabulary + " at temperature " + temperature,
                        run -> logits(run, vocabulary, temperature));
            }
        }
    }

    private static void logits(KernelRun run, int vocabulary, double temperature) {
        int rows = 21;
        int from = 4;
        Tensor logits = run.random(rows, vocabulary, 3);
        logits.set(2, 1, 60);
        logits.set(3, 0, logits.get(3, 1));
        int[] targets = run.indices(rows + from, vocabulary);
        targets[from + 2] = 1;
        targets[from + 3] = 1;
        LogitStatistics statistics = new LogitStatistics();
        statistics.resize(rows + from);
        Tensor read = copy(run, logits);
        run.kernels.logitStatistics(statistics, EnumSet.allOf(Column.class), read, targets, from, temperature);
        recordStatistics(run, "", statistics, from, rows);
        run.record("logits afterwards", read);
        double[] dLogProb = run.doubles(rows + from);
        Tensor gradient = copy(run, logits);
        run.kernels.logitGradients(gradient, targets, dLogProb, new double[0], from, temperature);
        run.record("gradient", gradient);
        gradient = copy(run, logits);
        run.kernels.logitGradients(gradient, targets, dLogProb, run.doubles(rows + from), from, temperature);
        run.record("gradient with entropy", gradient);
        gradient = copy(run, logits);
        run.kernels.logitStatisticsAndGradients(
                statistics, EnumSet.allOf(Column.class), gradient, targets, dLogProb, from, temperature);
        recordStatistics(run, " in one sweep", statistics, from, rows);
        run.record("gradient in one sweep", gradient);
    }

    private static Tensor copy(KernelRun run, Tensor x) {
        Tensor copy = run.zeros(x.rows(), x.columns());
        copy.set(x.toArray());
        return copy;
    }

    private static void recordStatistics(KernelRun run, String suffix, LogitStatistics statistics, int from, int rows) {
        for (Column column : Column.values()) {
            run.record(column + suffix, Arrays.copyOfRange(statistics.column(column), from, from + rows));
        }
        run.record("log sum exp" + suffix, Arrays.copyOfRange(statistics.logSumExp(), from, from + rows));
    }

    private void updates() {
        for (int columns : new int[] {1, 100, 70_000}) {
            add("AdamW on " + columns, run -> {
                Tensor value = run.random(1, columns);
                Tensor first = run.random(1, columns, 0.1);
                Tensor second = run.random(1, columns, 0.1);
                run.kernels.matmul(second, run.zeros(1, 1), false, run.zeros(1, columns), false, 1, 0);
                for (int step = 1; step <= 3; step++) {
                    Tensor gradient = run.random(1, columns, 0.1);
                    run.kernels.adamW(
                            value,
                            gradient,
                            first,
                            second,
                            new Kernels.AdamWStep(step, 1e-2, 0.9, 0.95, 1e-8, 0.1, 0.5));
                    run.record("value " + step, value);
                    run.record("first moment " + step, first);
                    run.record("second moment " + step, second);
                }
            });
        }
    }
}
