package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.List;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * The arithmetic under the transformer. All tensors of a call have this object's {@link #type()}; views with a row stride are allowed everywhere.
 *
 * <p>Results depend on the arguments alone, never on the number of threads: work is cut into tiles whose borders depend on the shapes, and sums have a fixed order.
 * A method's first arguments are what it writes. "Added" means {@code +=}. Calls allocate nothing in steady state and return when the work is done.
 */
public interface Kernels {
    /** FLOAT or DOUBLE. */
    DataType type();

    /** A line for the log: which implementation, BLAS kernel, vector width, threads. */
    String description();

    /** Worker threads in use; results do not depend on it. */
    int threads();

    /**
     * Kernels that compute on one thread each, as many as the machine has processors: for work that falls into independent parts, each too small to be shared out. They may be used at the same time, and belong to this
     * object. Empty where there are none.
     */
    default List<Kernels> singles() {
        return List.of();
    }

    /** Runs tasks {@code 0 .. tasks - 1}, at the same time where there are threads for it, and returns when all are done; the first exception of a task is thrown then. The tasks may use {@link #singles}, each its own, and not this object. */
    default void together(int tasks, IntConsumer task) {
        for (int i = 0; i < tasks; i++) {
            task.accept(i);
        }
    }

    /**
     * Says what large products of {@link #matmul} compute with from now on.
     *
     * @return whether they do; where this processor is no faster with it nothing changes
     */
    default boolean computeWith(Compute compute) {
        return compute == Compute.FLOAT32;
    }

    /** What large products compute with. */
    default Compute compute() {
        return Compute.FLOAT32;
    }

    /** {@code out = alpha op(a) op(b) + beta out}, with op the transpose where the flag says so. */
    void matmul(Tensor out, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta);

    /** {@code inOut[i, :] += row[0, :]}. */
    void addRow(Tensor inOut, Tensor row);

    /** {@code out[0, :] += sum over rows of x}. */
    void addColumnSums(Tensor out, Tensor x);

    /** {@code inOut += factor * other}, same shape. */
    void addScaled(Tensor inOut, Tensor other, double factor);

    /** {@code inOut = keep * inOut + (1 - keep) * other}: moving averages (EMA, TR-DPO). */
    void mix(Tensor inOut, Tensor other, double keep);

    /** {@code out = x}. */
    void copy(Tensor out, Tensor x);

    /** {@code out[j, i] = x[i, j]}. */
    void transpose(Tensor out, Tensor x);

    /** Whether {@code a b} takes less time than {@code a b^T} of the same numbers, so that a b which serves many products is better transposed once. */
    default boolean isFasterWithoutTransposes() {
        return false;
    }

    /** {@code inOut *= factor}. */
    void scale(Tensor inOut, double factor);

    /** Every element becomes zero. */
    void zero(Tensor out);

    /** A number that differs, but for one chance in 2^64 or so, where an element does: whether a tensor has changed. Kernels of different kinds have their own. */
    default long fingerprint(Tensor x) {
        long print = 0;
        for (int i = 0; i < x.rows(); i++) {
            for (int j = 0; j < x.columns(); j++) {
                print = 0x9E3779B97F4A7C15L * print + Double.doubleToLongBits(x.get(i, j));
            }
        }
        return print;
    }

    /** The sum of squares, accumulated in double in a fixed order. */
    double sumOfSquares(Tensor x);

    /** {@code out[i] = table[rows[i]]} for i in 0 .. count - 1. */
    void gatherRows(Tensor out, Tensor table, int[] rows, int from, int count);

    /** {@code table[rows[from + i]] += in[i]} in order of i, so repeated rows add up deterministically. */
    void scatterAddRows(Tensor table, int[] rows, int from, int count, Tensor in);

    /** {@code out =} the matrix. */
    default void expand(Tensor out, CompactMatrix from) {
        Shapes.check(out, from.rows(), from.columns(), "out");
        for (int i = 0; i < out.rows(); i++) {
            for (int j = 0; j < out.columns(); j++) {
                out.set(i, j, from.get(i, j));
            }
        }
    }

    /** {@link #gatherRows} of a compact table. */
    default void gatherCompact(Tensor out, CompactMatrix table, int[] rows, int from, int count) {
        for (int i = 0; i < count; i++) {
            expand(out.rows(i, i + 1), table.rows(rows[from + i], rows[from + i] + 1));
        }
    }

    /**
     * {@code out = a op(b) + beta out} with a compact b, computed in {@link #type()}. Within rounding it is what {@link #matmul} gives with {@link #expand} of b; sums over b's rows may be cut where b is.
     *
     * @param transposeB whether op is the transpose
     */
    default void multiplyCompact(Tensor out, Tensor a, CompactMatrix b, boolean transposeB, double beta) {
        try (NativeMemory memory = new NativeMemory(1 << 16)) {
            Tensor whole = memory.allocateUninitialized(type(), b.rows(), b.columns());
            expand(whole, b);
            matmul(out, a, false, whole, transposeB, 1, beta);
        }
    }

    /**
     * Root-mean-square norm of each group of W columns of each row, one group or several heads: {@code out = x * r * weight}, {@code r = 1 / sqrt(mean(x^2) + epsilon)}.
     *
     * @param inverseRms (N, groups), receives r
     * @param x (N, groups W)
     * @param weight (1, W)
     */
    void rmsNorm(Tensor out, Tensor inverseRms, Tensor x, Tensor weight, double epsilon);

    /** Adds the gradients of {@link #rmsNorm} into {@code dX} and {@code dWeight}. {@code dWeight} may be the empty tensor (0 columns) for a frozen weight. */
    void rmsNormBackward(Tensor dX, Tensor dWeight, Tensor dOut, Tensor x, Tensor inverseRms, Tensor weight);

    /**
     * Layer norm of each row: {@code out = (x - m) * r * weight + bias}, m the mean, {@code r = 1 / sqrt(mean((x - m)^2) + epsilon)}.
     *
     * @param statistics (N, 2), receives m and r
     */
    void layerNorm(Tensor out, Tensor statistics, Tensor x, Tensor weight, Tensor bias, double epsilon);

    /** Adds the gradients of {@link #layerNorm}. {@code dWeight} and {@code dBias} may each be the empty tensor (0 columns) where frozen. */
    void layerNormBackward(
            Tensor dX, Tensor dWeight, Tensor dBias, Tensor dOut, Tensor x, Tensor statistics, Tensor weight);

    /**
     * Rotary positions in place, Hugging Face's half-split form: for each head of width D of each row, with j in 0 .. D/2 - 1, a = x[j], b = x[j + D/2]:
     * x[j] = a cos - b sin, x[j + D/2] = b cos + a sin. The inverse rotation is the gradient.
     *
     * @param x (N, heads D)
     * @param positions absolute position of each row
     * @param cosines (positions, D/2) table, {@code sines} alike
     */
    void rotate(Tensor x, int[] positions, Tensor cosines, Tensor sines, int headDim, boolean inverse);

    /** {@code out[i, f] = silu(gateUp[i, f]) * gateUp[i, F + f]}: (N, 2F) -> (N, F). */
    void swiGlu(Tensor out, Tensor gateUp);

    /**
     * {@code dGateUp = } gradient of {@link #swiGlu}; {@code dGateUp} may be {@code gateUp} itself.
     *
     * @param inOut (N, F): the gradient of the output on entry, the output on return
     */
    void swiGluBackward(Tensor dGateUp, Tensor inOut, Tensor gateUp);

    /** GELU in its tanh form (gelu_new): {@code out = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))}. */
    void gelu(Tensor out, Tensor x);

    /** {@code inOut *= } the derivative of {@link #gelu} at {@code x}: the gradient of the output becomes that of the input. */
    void geluBackward(Tensor inOut, Tensor x);

    /** {@code inOut[i, :] *= factors[i, 0]}. */
    void scaleRows(Tensor inOut, Tensor factors);

    /** {@code inOut[i, j] *= row[0, j]}. */
    default void scaleColumns(Tensor inOut, Tensor row) {
        for (int i = 0; i < inOut.rows(); i++) {
            for (int j = 0; j < inOut.columns(); j++) {
                inOut.set(i, j, inOut.get(i, j) * row.get(0, j));
            }
        }
    }

    /** {@code out[0, j] += sum over i of a[i, j] b[i, j]}. */
    default void addColumnDots(Tensor out, Tensor a, Tensor b) {
        for (int j = 0; j < out.columns(); j++) {
            double sum = out.get(0, j);
            for (int i = 0; i < a.rows(); i++) {
                sum += a.get(i, j) * b.get(i, j);
            }
            out.set(0, j, sum);
        }
    }

    /**
     * Dropout: an element is zeroed with probability {@code rate}, else divided by 1 - rate. The draw of element (i, j) is number j of the key {@code keys[i]}.
     *
     * @param keys of the rows, {@link CounterRandom#key}
     * @param rate in [0, 1)
     */
    default void dropout(Tensor inOut, long[] keys, double rate) {
        long threshold = (long) (rate * 0x1p32);
        for (int i = 0; i < inOut.rows(); i++) {
            CounterRandom random = new CounterRandom(keys[i]);
            for (int j = 0; j < inOut.columns(); j++) {
                boolean kept = random.bits(j) >>> 32 >= threshold;
                inOut.set(i, j, kept ? inOut.get(i, j) / (1 - rate) : 0);
            }
        }
    }

    /** {@code out[i, 0] = sum over j of a[i, j] b[i, j]}. */
    void rowDots(Tensor out, Tensor a, Tensor b);

    /**
     * Chooses experts as Mixtral does: softmax over all, the k likeliest (the first of equals), their probabilities divided by their sum.
     *
     * @param probabilities (N, E), logits on entry
     * @param weights (N, k), receives the chosen experts' shares
     * @param experts receives the k chosen of each row, the likeliest first
     */
    default void chooseExperts(Tensor probabilities, Tensor weights, int[] experts) {
        ExpertChoice.choose(probabilities, weights, experts);
    }

    /**
     * The gradient of {@link #chooseExperts}; the choice itself is constant.
     *
     * @param dLogits (N, E): the gradient with respect to the probabilities from elsewhere on entry, with respect to the logits on return
     * @param dWeights (N, k)
     */
    default void chooseExpertsBackward(
            Tensor dLogits, Tensor dWeights, Tensor probabilities, Tensor weights, int[] experts) {
        ExpertChoice.backward(dLogits, dWeights, probabilities, weights, experts);
    }

    /**
     * Attention over trees of segments, in tiles, never (T, T).
     *
     * @param out (N, H D); rows that do not attend stay as they are, here and in {@code logSumExp}
     * @param logSumExp (N, H), kept for the backward pass
     * @param queryKeyValue (N, (H + 2 Hkv) D), rotated
     */
    void attention(Tensor out, Tensor logSumExp, Tensor queryKeyValue, AttentionLayout layout);

    /** {@code dQueryKeyValue = } gradient of {@link #attention}, zero for queries of rows that do not attend; gradients of a parent's keys and values add up over its children in child order. */
    void attentionBackward(
            Tensor dQueryKeyValue,
            Tensor dOut,
            Tensor out,
            Tensor logSumExp,
            Tensor queryKeyValue,
            AttentionLayout layout);

    /** Outputs of a panel of packed weights. */
    int PANEL = 32;

    /** How many panels a weight of so many outputs has; the last one may be partly empty. */
    static int panels(int outputs) {
        return (outputs + PANEL - 1) / PANEL;
    }

    /**
     * Puts weights into panels for {@link #multiplyPacked}: row p of {@code packed} holds, input after input, the weights of outputs {@code 32 p .. 32 p + 31} (zero beyond the last).
     *
     * @param packed (outputs / 32 rounded up, 32 inputs)
     * @param weight (outputs, inputs)
     */
    void pack(Tensor packed, Tensor weight);

    /**
     * {@code out = x weight^T}, or {@code out += x weight^T}. A row's result depends on that row and the weights alone, to the bit, which {@link #matmul} does not promise: what makes texts
     * independent of their batch.
     *
     * @param packed what {@link #pack} made of the weights
     */
    void multiplyPacked(Tensor out, Tensor x, Tensor packed, boolean add);

    /** Whether panels in that form are best in native memory, not on the heap. */
    default boolean readsByAddress(WeightType type) {
        return false;
    }

    /** As {@link #pack(Tensor, Tensor)}, in fewer bits. */
    default void pack(CompactPanels packed, Tensor weight) {
        Shapes.check(weight, packed.outputs(), packed.inputs(), "weight");
        together(packed.panels(), panel -> {
            for (int from = 0; from < packed.inputs(); from += CompactPanels.GROUP) {
                int inputs = Math.min(CompactPanels.GROUP, packed.inputs() - from);
                int first = panel * CompactPanels.PANEL;
                float[] values = new float[inputs * CompactPanels.PANEL];
                for (int output = first; output < Math.min(weight.rows(), first + CompactPanels.PANEL); output++) {
                    for (int k = 0; k < inputs; k++) {
                        values[k * CompactPanels.PANEL + output - first] = (float) weight.get(output, from + k);
                    }
                }
                packed.set(panel, from, values, inputs);
            }
        });
    }

    /**
     * As {@link #multiplyPacked(Tensor, Tensor, Tensor, boolean)}, with weights in fewer bits, each computed with as the float32 that it stands for. Where the processor multiplies bfloat16, x is rounded to it first; sums
     * are float32 everywhere.
     */
    default void multiplyPacked(Tensor out, Tensor x, CompactPanels packed, boolean add) {
        for (int row = 0; row < out.rows(); row++) {
            for (int output = 0; output < packed.outputs(); output++) {
                double sum = add ? out.get(row, output) : 0;
                for (int input = 0; input < packed.inputs(); input++) {
                    sum += x.get(row, input) * packed.get(output, input);
                }
                out.set(row, output, sum);
            }
        }
    }

    /**
     * One new row of each of several sequences, whose earlier keys and values are cached: stores the row's key and value at its position, then attends to all positions up to it.
     * A row's result depends on its own sequence alone, to the bit.
     *
     * @param out (S or more, H D); rows beyond {@code rows} are left alone
     * @param queryKeyValue (S or more, (H + 2 Hkv) D), rotated
     * @param cache (pages, {@link CacheLayout#pageSize()}); other pages than those of the rows' positions are not written
     * @param positions absolute position of each row
     * @param pages for each row, the pages of its sequence: position p is in page {@code pages[row][p / PAGE]}
     * @param rows S
     */
    void decodeAttention(
            Tensor out,
            Tensor queryKeyValue,
            Tensor cache,
            CacheLayout layout,
            int[] positions,
            int[][] pages,
            int rows);

    /**
     * In place, of the first {@code rows} rows: {@code x = e^((x - max) / temperature)}, so the largest element becomes 1; sampling starts from it.
     *
     * @param maxima receives each row's largest element (before), its first index, and the sum of the exponentials
     */
    void exponentiate(Tensor inOut, int rows, double temperature, RowMaxima maxima);

    /**
     * Statistics of rows of logits at their targets. Reads {@code logits}, writes entries {@code from .. from + logits.rows() - 1} of {@code statistics}.
     *
     * @param logits (R, V), before the temperature; left as they are
     * @param targets token ids; row i's is {@code targets[from + i]}
     * @param temperature divides the logits, > 0
     */
    void logitStatistics(
            LogitStatistics statistics,
            Set<LogitStatistics.Column> wanted,
            Tensor logits,
            int[] targets,
            int from,
            double temperature);

    /**
     * In place: logits become the gradient with respect to the logits before the temperature, given d loss / d logProb and d loss / d entropy of each target. Uses nothing but the logits
     * (log sum exp and entropy are computed again).
     *
     * @param logits (R, V) before the temperature -> their gradient
     * @param dEntropy may be empty (length 0): no gradient through the entropy
     */
    void logitGradients(
            Tensor logits, int[] targets, double[] dLogProb, double[] dEntropy, int from, double temperature);

    /**
     * In place: adds {@code epsilon dLogProb (1/V - 1[y])} to the gradient of the logits, which makes the one-hot target y of {@link #logitGradients} the smoothed {@code (1 - epsilon) 1[y] + epsilon/V}.
     *
     * @param dLogits (R, V)
     * @param epsilon of the smoothing, over the temperature
     */
    default void smoothLogitGradients(Tensor dLogits, int[] targets, double[] dLogProb, int from, double epsilon) {
        for (int row = 0; row < dLogits.rows(); row++) {
            double gradient = epsilon * dLogProb[from + row];
            double share = gradient / dLogits.columns();
            for (int column = 0; column < dLogits.columns(); column++) {
                dLogits.set(row, column, dLogits.get(row, column) + share);
            }
            int target = targets[from + row];
            dLogits.set(row, target, dLogits.get(row, target) - gradient);
        }
    }

    /**
     * How far the distributions of a student are from those of a teacher.
     *
     * @param divergences entries {@code from .. from + rows - 1} become the divergences, nats
     * @param logits (R, V) of the student, before the temperature; with {@code dDivergence} they become the gradient with respect to them
     * @param teacher (R, V), the same of the teacher; left as they are
     * @param dDivergence d loss / d divergence, by target; empty: no gradient
     * @param temperature divides both logits, > 0
     */
    default void divergence(
            double[] divergences,
            Tensor logits,
            Tensor teacher,
            Divergence divergence,
            double[] dDivergence,
            int from,
            double temperature) {
        together(logits.rows(), row -> {
            double[] student = new double[logits.columns()];
            double[] imitated = new double[logits.columns()];
            for (int j = 0; j < student.length; j++) {
                student[j] = logits.get(row, j) / temperature;
                imitated[j] = teacher.get(row, j) / temperature;
            }
            divergences[from + row] = divergence.evaluate(student, imitated);
            if (dDivergence.length > 0) {
                double scale = dDivergence[from + row] / temperature;
                for (int j = 0; j < student.length; j++) {
                    logits.set(row, j, scale * student[j]);
                }
            }
        });
    }

    /**
     * {@link #logitStatistics} and {@link #logitGradients} in one sweep, for gradients known beforehand.
     */
    void logitStatisticsAndGradients(
            LogitStatistics statistics,
            Set<LogitStatistics.Column> wanted,
            Tensor logits,
            int[] targets,
            double[] dLogProb,
            int from,
            double temperature);

    /**
     * One AdamW update in PyTorch's form over a whole tensor.
     *
     * <pre>
     *   g = gradientScale * gradient;  value -= rate * decay * value
     *   m = beta1 m + (1 - beta1) g;   v = beta2 v + (1 - beta2) g^2
     *   value -= rate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
     * </pre>
     */
    void adamW(Tensor value, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step);

    /** The scalars of one AdamW update; {@code step} counts from 1. */
    record AdamWStep(
            long step, double rate, double beta1, double beta2, double epsilon, double decay, double gradientScale) {}
}
