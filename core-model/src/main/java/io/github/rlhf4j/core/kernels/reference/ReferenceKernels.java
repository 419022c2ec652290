package io.github.rlhf4j.core.kernels.reference;

import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.Shapes;
import io.github.rlhf4j.core.math.StableMath;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Set;

/**
 * The oracle: every kernel as the formula of its Javadoc reads, in scalar double arithmetic, in one thread, (T) memory a query row. Results are rounded once, when stored.
 *
 * <p>Use it in DOUBLE for gradient checks and to judge the other implementations; it is far too slow to train with.
 */
public final class ReferenceKernels implements ReferenceDecode {
    private final DataType type;

    public ReferenceKernels(DataType type) {
        this.type = type;
    }

    @Override
    public DataType type() {
        return type;
    }

    @Override
    public String description() {
        return "plain loops, " + type + ", 1 thread (the oracle; slow)";
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public void matmul(
            Tensor out, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta) {
        Shapes.checkType(type, out, a, b);
        int depth = Shapes.matmulDepth(out, a, transposeA, b, transposeB);
        int columns = out.columns();
        double[] left = a.toArray();
        double[] right = b.toArray();
        double[] sum = new double[columns];
        for (int i = 0; i < out.rows(); i++) {
            Arrays.fill(sum, 0);
            for (int k = 0; k < depth; k++) {
                double x = transposeA ? left[k * a.columns() + i] : left[i * depth + k];
                int start = transposeB ? k : k * columns;
                int stride = transposeB ? depth : 1;
                for (int j = 0; j < columns; j++) {
                    sum[j] += x * right[start + j * stride];
                }
            }
            for (int j = 0; j < columns; j++) {
                out.set(i, j, alpha * sum[j] + (beta == 0 ? 0 : beta * out.get(i, j)));
            }
        }
    }

    @Override
    public void addRow(Tensor inOut, Tensor row) {
        Shapes.checkType(type, inOut, row);
        Shapes.check(row, 1, inOut.columns(), "row");
        forEach(inOut, (i, j) -> inOut.set(i, j, inOut.get(i, j) + row.get(0, j)));
    }

    @Override
    public void addColumnSums(Tensor out, Tensor x) {
        Shapes.checkType(type, out, x);
        Shapes.check(out, 1, x.columns(), "out");
        double[] sums = new double[x.columns()];
        forEach(x, (i, j) -> sums[j] += x.get(i, j));
        addToRow(out, sums);
    }

    @Override
    public void addScaled(Tensor inOut, Tensor other, double factor) {
        Shapes.checkType(type, inOut, other);
        Shapes.checkSame(inOut, other, "other");
        forEach(inOut, (i, j) -> inOut.set(i, j, inOut.get(i, j) + factor * other.get(i, j)));
    }

    @Override
    public void mix(Tensor inOut, Tensor other, double keep) {
        Shapes.checkType(type, inOut, other);
        Shapes.checkSame(inOut, other, "other");
        forEach(inOut, (i, j) -> inOut.set(i, j, keep * inOut.get(i, j) + (1 - keep) * other.get(i, j)));
    }

    @Override
    public void copy(Tensor out, Tensor x) {
        Shapes.checkType(type, out, x);
        Shapes.checkSame(out, x, "x");
        forEach(out, (i, j) -> out.set(i, j, x.get(i, j)));
    }

    @Override
    public void transpose(Tensor out, Tensor x) {
        Shapes.checkType(type, out, x);
        Shapes.check(out, x.columns(), x.rows(), "out");
        forEach(out, (i, j) -> out.set(i, j, x.get(j, i)));
    }

    @Override
    public void scale(Tensor inOut, double factor) {
        Shapes.checkType(type, inOut);
        forEach(inOut, (i, j) -> inOut.set(i, j, factor * inOut.get(i, j)));
    }

    @Override
    public void zero(Tensor out) {
        Shapes.checkType(type, out);
        out.zero();
    }

    @Override
    public double sumOfSquares(Tensor x) {
        Shapes.checkType(type, x);
        double sum = 0;
        for (double value : x.toArray()) {
            sum += value * value;
        }
        return sum;
    }

    @Override
    public void gatherRows(Tensor out, Tensor table, int[] rows, int from, int count) {
        Shapes.checkType(type, out, table);
        Shapes.check(out, count, table.columns(), "out");
        forEach(out, (i, j) -> out.set(i, j, table.get(rows[from + i], j)));
    }

    @Override
    public void scatterAddRows(Tensor table, int[] rows, int from, int count, Tensor in) {
        Shapes.checkType(type, table, in);
        Shapes.check(in, count, table.columns(), "in");
        forEach(in, (i, j) -> table.set(rows[from + i], j, table.get(rows[from + i], j) + in.get(i, j)));
    }

    @Override
    public void rmsNorm(Tensor out, Tensor inverseRms, Tensor x, Tensor weight, double epsilon) {
        Shapes.checkType(type, out, inverseRms, x, weight);
        Shapes.checkSame(x, out, "out");
        int groups = Shapes.checkNorm(x, inverseRms, weight);
        int width = weight.columns();
        for (int i = 0; i < x.rows(); i++) {
            for (int group = 0; group < groups; group++) {
                double squares = 0;
                for (int j = group * width; j < (group + 1) * width; j++) {
                    squares += x.get(i, j) * x.get(i, j);
                }
                double inverse = 1 / Math.sqrt(squares / width + epsilon);
                inverseRms.set(i, group, inverse);
                for (int j = 0; j < width; j++) {
                    out.set(i, group * width + j, x.get(i, group * width + j) * inverse * weight.get(0, j));
                }
            }
        }
    }

    @Override
    public void rmsNormBackward(Tensor dX, Tensor dWeight, Tensor dOut, Tensor x, Tensor inverseRms, Tensor weight) {
        Shapes.checkType(type, dX, dWeight, dOut, x, inverseRms, weight);
        Shapes.checkSame(x, dX, "dX");
        Shapes.checkSame(x, dOut, "dOut");
        int groups = Shapes.checkNorm(x, inverseRms, weight);
        int width = weight.columns();
        double[] sums = new double[width];
        for (int i = 0; i < x.rows(); i++) {
            for (int group = 0; group < groups; group++) {
                double r = inverseRms.get(i, group);
                int from = group * width;
                double dot = 0;
                for (int j = 0; j < width; j++) {
                    dot += dOut.get(i, from + j) * weight.get(0, j) * x.get(i, from + j);
                    sums[j] += dOut.get(i, from + j) * x.get(i, from + j) * r;
                }
                for (int j = 0; j < width; j++) {
                    double gradient =
                            r * dOut.get(i, from + j) * weight.get(0, j) - x.get(i, from + j) * r * r * r * dot / width;
                    dX.set(i, from + j, dX.get(i, from + j) + gradient);
                }
            }
        }
        if (dWeight.columns() > 0) {
            addToRow(dWeight, sums);
        }
    }

    @Override
    public void layerNorm(Tensor out, Tensor statistics, Tensor x, Tensor weight, Tensor bias, double epsilon) {
        Shapes.checkType(type, out, statistics, x, weight, bias);
        Shapes.checkSame(x, out, "out");
        Shapes.checkLayerNorm(x, statistics, weight);
        for (int i = 0; i < x.rows(); i++) {
            double mean = 0;
            for (int j = 0; j < x.columns(); j++) {
                mean += x.get(i, j) / x.columns();
            }
            double variance = 0;
            for (int j = 0; j < x.columns(); j++) {
                variance += (x.get(i, j) - mean) * (x.get(i, j) - mean) / x.columns();
            }
            double inverse = 1 / Math.sqrt(variance + epsilon);
            statistics.set(i, 0, mean);
            statistics.set(i, 1, inverse);
            for (int j = 0; j < x.columns(); j++) {
                out.set(i, j, (x.get(i, j) - mean) * inverse * weight.get(0, j) + bias.get(0, j));
            }
        }
    }

    @Override
    public void layerNormBackward(
            Tensor dX, Tensor dWeight, Tensor dBias, Tensor dOut, Tensor x, Tensor statistics, Tensor weight) {
        Shapes.checkType(type, dX, dWeight, dBias, dOut, x, statistics, weight);
        Shapes.checkSame(x, dX, "dX");
        Shapes.checkSame(x, dOut, "dOut");
        Shapes.checkLayerNorm(x, statistics, weight);
        double[] sums = new double[x.columns()];
        double[] products = new double[x.columns()];
        for (int i = 0; i < x.rows(); i++) {
            double mean = statistics.get(i, 0);
            double inverse = statistics.get(i, 1);
            double ofGradient = 0;
            double ofProduct = 0;
            for (int j = 0; j < x.columns(); j++) {
                double normalized = (x.get(i, j) - mean) * inverse;
                ofGradient += dOut.get(i, j) * weight.get(0, j) / x.columns();
                ofProduct += dOut.get(i, j) * weight.get(0, j) * normalized / x.columns();
                sums[j] += dOut.get(i, j);
                products[j] += dOut.get(i, j) * normalized;
            }
            for (int j = 0; j < x.columns(); j++) {
                double normalized = (x.get(i, j) - mean) * inverse;
                double gradient = dOut.get(i, j) * weight.get(0, j) - ofGradient - normalized * ofProduct;
                dX.set(i, j, dX.get(i, j) + inverse * gradient);
            }
        }
        if (dWeight.columns() > 0) {
            addToRow(dWeight, products);
        }
        if (dBias.columns() > 0) {
            addToRow(dBias, sums);
        }
    }

    @Override
    public void gelu(Tensor out, Tensor x) {
        Shapes.checkType(type, out, x);
        Shapes.checkSame(x, out, "out");
        forEach(x, (i, j) -> out.set(i, j, 0.5 * x.get(i, j) * (1 + Math.tanh(geluInner(x.get(i, j))))));
    }

    private static double geluInner(double x) {
        return Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    }

    @Override
    public void geluBackward(Tensor inOut, Tensor x) {
        Shapes.checkType(type, inOut, x);
        Shapes.checkSame(x, inOut, "inOut");
        forEach(x, (i, j) -> {
            double v = x.get(i, j);
            double tanh = Math.tanh(geluInner(v));
            double slope = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * v * v);
            inOut.set(i, j, inOut.get(i, j) * 0.5 * (1 + tanh + v * (1 - tanh * tanh) * slope));
        });
    }

    @Override
    public void scaleRows(Tensor inOut, Tensor factors) {
        Shapes.checkType(type, inOut, factors);
        Shapes.check(factors, inOut.rows(), 1, "factors");
        forEach(inOut, (i, j) -> inOut.set(i, j, inOut.get(i, j) * factors.get(i, 0)));
    }

    @Override
    public void rowDots(Tensor out, Tensor a, Tensor b) {
        Shapes.checkType(type, out, a, b);
        Shapes.check(out, a.rows(), 1, "out");
        Shapes.checkSame(a, b, "b");
        double[] sums = new double[a.rows()];
        forEach(a, (i, j) -> sums[i] += a.get(i, j) * b.get(i, j));
        out.set(sums);
    }

    @Override
    public void rotate(Tensor x, int[] positions, Tensor cosines, Tensor sines, int headDim, boolean inverse) {
        Shapes.checkType(type, x, cosines, sines);
        int half = headDim / 2;
        for (int i = 0; i < x.rows(); i++) {
            for (int head = 0; head < x.columns(); head += headDim) {
                for (int j = head; j < head + half; j++) {
                    double cos = cosines.get(positions[i], j - head);
                    double sin = inverse ? -sines.get(positions[i], j - head) : sines.get(positions[i], j - head);
                    double a = x.get(i, j);
                    double b = x.get(i, j + half);
                    x.set(i, j, a * cos - b * sin);
                    x.set(i, j + half, b * cos + a * sin);
                }
            }
        }
    }

    @Override
    public void swiGlu(Tensor out, Tensor gateUp) {
        Shapes.checkType(type, out, gateUp);
        int width = out.columns();
        Shapes.check(gateUp, out.rows(), 2 * width, "gateUp");
        forEach(out, (i, f) -> {
            double gate = gateUp.get(i, f);
            out.set(i, f, gate * StableMath.sigmoid(gate) * gateUp.get(i, width + f));
        });
    }

    @Override
    public void swiGluBackward(Tensor dGateUp, Tensor inOut, Tensor gateUp) {
        Shapes.checkType(type, dGateUp, inOut, gateUp);
        int width = inOut.columns();
        Shapes.check(gateUp, inOut.rows(), 2 * width, "gateUp");
        Shapes.checkSame(gateUp, dGateUp, "dGateUp");
        forEach(inOut, (i, f) -> {
            double gate = gateUp.get(i, f);
            double up = gateUp.get(i, width + f);
            double sigmoid = StableMath.sigmoid(gate);
            double d = inOut.get(i, f);
            inOut.set(i, f, gate * sigmoid * up);
            dGateUp.set(i, f, d * up * sigmoid * (1 + gate * (1 - sigmoid)));
            dGateUp.set(i, width + f, d * gate * sigmoid);
        });
    }

    @Override
    public void attention(Tensor out, Tensor logSumExp, Tensor queryKeyValue, AttentionLayout layout) {
        Shapes.checkType(type, out, logSumExp, queryKeyValue);
        Shapes.checkAttention(out, logSumExp, queryKeyValue, layout);
        for (int segment = 0; segment < layout.segmentStart().length; segment++) {
            for (int i = layout.firstQuery()[segment]; i < layout.segmentLength()[segment]; i++) {
                int row = layout.segmentStart()[segment] + i;
                int[] keys = visibleRows(layout, segment, i);
                for (int head = 0; head < layout.heads(); head++) {
                    attendRow(out, logSumExp, queryKeyValue, layout, row, head, keys);
                }
            }
        }
    }

    private static void attendRow(
            Tensor out, Tensor logSumExp, Tensor queryKeyValue, AttentionLayout layout, int row, int head, int[] keys) {
        double[] scores = scores(queryKeyValue, layout, row, head, keys);
        double sum = StableMath.logSumExp(scores, 0, scores.length);
        logSumExp.set(row, head, sum);
        int value = valueColumn(layout, head);
        for (int d = 0; d < layout.headDim(); d++) {
            double total = 0;
            for (int k = 0; k < keys.length; k++) {
                total += Math.exp(scores[k] - sum) * queryKeyValue.get(keys[k], value + d);
            }
            out.set(row, head * layout.headDim() + d, total);
        }
    }

    @Override
    public void attentionBackward(
            Tensor dQueryKeyValue,
            Tensor dOut,
            Tensor out,
            Tensor logSumExp,
            Tensor queryKeyValue,
            AttentionLayout layout) {
        Shapes.checkType(type, dQueryKeyValue, dOut, out, logSumExp, queryKeyValue);
        Shapes.checkAttention(out, logSumExp, queryKeyValue, layout);
        Shapes.checkSame(queryKeyValue, dQueryKeyValue, "dQueryKeyValue");
        Shapes.checkSame(out, dOut, "dOut");
        double[] gradient = new double[Math.toIntExact(queryKeyValue.size())];
        for (int segment = 0; segment < layout.segmentStart().length; segment++) {
            for (int i = layout.firstQuery()[segment]; i < layout.segmentLength()[segment]; i++) {
                int row = layout.segmentStart()[segment] + i;
                int[] keys = visibleRows(layout, segment, i);
                for (int head = 0; head < layout.heads(); head++) {
                    attendRowBackward(gradient, dOut, out, logSumExp, queryKeyValue, layout, row, head, keys);
                }
            }
        }
        dQueryKeyValue.set(gradient);
    }

    private static void attendRowBackward(
            double[] gradient,
            Tensor dOut,
            Tensor out,
            Tensor logSumExp,
            Tensor queryKeyValue,
            AttentionLayout layout,
            int row,
            int head,
            int[] keys) {
        int width = queryKeyValue.columns();
        int query = head * layout.headDim();
        int key = keyColumn(layout, head);
        int value = valueColumn(layout, head);
        double[] scores = scores(queryKeyValue, layout, row, head, keys);
        double delta = 0;
        for (int d = 0; d < layout.headDim(); d++) {
            delta += dOut.get(row, query + d) * out.get(row, query + d);
        }
        for (int k = 0; k < keys.length; k++) {
            double probability = Math.exp(scores[k] - logSumExp.get(row, head));
            double dProbability = 0;
            for (int d = 0; d < layout.headDim(); d++) {
                dProbability += dOut.get(row, query + d) * queryKeyValue.get(keys[k], value + d);
                gradient[keys[k] * width + value + d] += probability * dOut.get(row, query + d);
            }
            double dScore = probability * (dProbability - delta) * layout.scale();
            for (int d = 0; d < layout.headDim(); d++) {
                gradient[row * width + query + d] += dScore * queryKeyValue.get(keys[k], key + d);
                gradient[keys[k] * width + key + d] += dScore * queryKeyValue.get(row, query + d);
            }
        }
    }

    private static double[] scores(Tensor queryKeyValue, AttentionLayout layout, int row, int head, int[] keys) {
        double[] scores = new double[keys.length];
        int query = head * layout.headDim();
        int key = keyColumn(layout, head);
        for (int k = 0; k < keys.length; k++) {
            for (int d = 0; d < layout.headDim(); d++) {
                scores[k] += queryKeyValue.get(row, query + d) * queryKeyValue.get(keys[k], key + d);
            }
            scores[k] *= layout.scale();
        }
        return scores;
    }

    private static int keyColumn(AttentionLayout layout, int head) {
        return layout.queryWidth() + head / (layout.heads() / layout.keyValueHeads()) * layout.headDim();
    }

    private static int valueColumn(AttentionLayout layout, int head) {
        return keyColumn(layout, head) + layout.keyValueWidth();
    }

    /** The rows that the {@code i}-th row of {@code segment} attends to, in order of position. */
    private static int[] visibleRows(AttentionLayout layout, int segment, int i) {
        int position = layout.firstPosition(segment) + i;
        int[] rows = new int[position + 1];
        int next = position + 1;
        int last = i;
        for (int s = segment; s >= 0; s = layout.segmentParent()[s]) {
            for (int k = last; k >= 0; k--) {
                rows[--next] = layout.segmentStart()[s] + k;
            }
            int parent = layout.segmentParent()[s];
            last = parent < 0 ? -1 : layout.segmentLength()[parent] - 1;
        }
        int first = layout.window() == 0 ? 0 : Math.max(0, position + 1 - layout.window());
        return Arrays.copyOfRange(rows, first, rows.length);
    }

    @Override
    public void logitStatistics(
            LogitStatistics statistics,
            Set<Column> wanted,
            Tensor logits,
            int[] targets,
            int from,
            double temperature) {
        Shapes.checkType(type, logits);
        for (int row = 0; row < logits.rows(); row++) {
            double[] x = tempered(logits, row, temperature);
            double logSumExp = StableMath.logSumExp(x, 0, x.length);
            int target = targets[from + row];
            int top = 0;
            double entropy = 0;
            double mean = 0;
            double squares = 0;
            for (int j = 0; j < x.length; j++) {
                double p = Math.exp(x[j] - logSumExp);
                top = x[j] > x[top] ? j : top;
                entropy -= p * (x[j] - logSumExp);
                squares += p * p;
                mean += x[j] * temperature / x.length;
            }
            statistics.logSumExp()[from + row] = logSumExp;
            put(statistics, wanted, Column.LOG_PROB, from + row, x[target] - logSumExp);
            put(statistics, wanted, Column.ENTROPY, from + row, entropy);
            put(statistics, wanted, Column.IS_TOP, from + row, top == target ? 1 : 0);
            put(statistics, wanted, Column.MEAN_LOGIT, from + row, mean);
            put(statistics, wanted, Column.SUM_SQUARED_PROBABILITIES, from + row, squares);
        }
    }

    private static void put(LogitStatistics statistics, Set<Column> wanted, Column column, int index, double value) {
        if (wanted.contains(column)) {
            statistics.column(column)[index] = value;
        }
    }

    private static double[] tempered(Tensor logits, int row, double temperature) {
        double[] x = new double[logits.columns()];
        for (int j = 0; j < x.length; j++) {
            x[j] = logits.get(row, j) / temperature;
        }
        return x;
    }

    @Override
    public void logitGradients(
            Tensor logits, int[] targets, double[] dLogProb, double[] dEntropy, int from, double temperature) {
        Shapes.checkType(type, logits);
        for (int row = 0; row < logits.rows(); row++) {
            double[] x = tempered(logits, row, temperature);
            double logSumExp = StableMath.logSumExp(x, 0, x.length);
            double entropy = 0;
            for (double value : x) {
                entropy -= Math.exp(value - logSumExp) * (value - logSumExp);
            }
            double dEntropyHere = dEntropy.length == 0 ? 0 : dEntropy[from + row];
            for (int j = 0; j < x.length; j++) {
                double p = Math.exp(x[j] - logSumExp);
                double gradient = dLogProb[from + row] * ((j == targets[from + row] ? 1 : 0) - p)
                        - dEntropyHere * p * (x[j] - logSumExp + entropy);
                logits.set(row, j, gradient / temperature);
            }
        }
    }

    @Override
    public void logitStatisticsAndGradients(
            LogitStatistics statistics,
            Set<Column> wanted,
            Tensor logits,
            int[] targets,
            double[] dLogProb,
            int from,
            double temperature) {
        logitStatistics(statistics, wanted, logits, targets, from, temperature);
        logitGradients(logits, targets, dLogProb, new double[0], from, temperature);
    }

    @Override
    public void adamW(Tensor value, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step) {
        Shapes.checkType(type, value, gradient, firstMoment, secondMoment);
        Shapes.checkSame(value, gradient, "gradient");
        Shapes.checkSame(value, firstMoment, "firstMoment");
        Shapes.checkSame(value, secondMoment, "secondMoment");
        double bias1 = 1 - Math.pow(step.beta1(), step.step());
        double bias2 = 1 - Math.pow(step.beta2(), step.step());
        forEach(value, (i, j) -> {
            double g = step.gradientScale() * gradient.get(i, j);
            double m = step.beta1() * firstMoment.get(i, j) + (1 - step.beta1()) * g;
            double v = step.beta2() * secondMoment.get(i, j) + (1 - step.beta2()) * g * g;
            double decayed = value.get(i, j) * (1 - step.rate() * step.decay());
            firstMoment.set(i, j, m);
            secondMoment.set(i, j, v);
            value.set(i, j, decayed - step.rate() / bias1 * m / (Math.sqrt(v) / Math.sqrt(bias2) + step.epsilon()));
        });
    }

    private static void addToRow(Tensor out, double[] sums) {
        for (int j = 0; j < sums.length; j++) {
            out.set(0, j, out.get(0, j) + sums[j]);
        }
    }

    private interface Element {
        void at(int row, int column);
    }

    private static void forEach(Tensor tensor, Element body) {
        for (int i = 0; i < tensor.rows(); i++) {
            for (int j = 0; j < tensor.columns(); j++) {
                body.at(i, j);
            }
        }
    }
}
