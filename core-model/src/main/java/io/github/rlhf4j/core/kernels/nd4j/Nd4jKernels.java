package io.github.rlhf4j.core.kernels.nd4j;

import io.github.rlhf4j.core.LibraryProperties;
import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.Shapes;
import io.github.rlhf4j.core.kernels.reference.ReferenceDecode;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Every kernel out of ND4J operations, FLOAT or DOUBLE: the second opinion, and what serves where the Vector API is missing.
 *
 * <p>Tensors are viewed in place as INDArrays. Operations are composed in stable forms (the largest logit is subtracted first), since ND4J 1.0.0-M2.1's own log-space functions are
 * not. Intermediate arrays are ND4J's, freed by garbage collection: correct, but one to two orders of magnitude slower than the CPU's.
 */
public final class Nd4jKernels implements ReferenceDecode {
    static {
        LibraryProperties.set();
    }

    private final DataType type;

    public Nd4jKernels(DataType type) {
        this.type = type;
    }

    @Override
    public DataType type() {
        return type;
    }

    @Override
    public String description() {
        return "ND4J operations, " + type + ", backend "
                + Nd4j.getBackend().getClass().getSimpleName() + " (slow)";
    }

    @Override
    public int threads() {
        return Nd4j.getEnvironment().maxThreads();
    }

    private INDArray view(Tensor tensor) {
        Shapes.checkType(type, tensor);
        return Nd4jViews.of(tensor);
    }

    @Override
    public void matmul(
            Tensor out, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta) {
        Shapes.matmulDepth(out, a, transposeA, b, transposeB);
        if (out.size() == 0) {
            return;
        }
        INDArray left = transposeA ? view(a).transpose() : view(a);
        INDArray right = transposeB ? view(b).transpose() : view(b);
        INDArray product = left.mmul(right).muli(alpha);
        INDArray result = view(out);
        if (beta == 0) {
            result.assign(product);
        } else {
            result.muli(beta).addi(product);
        }
    }

    @Override
    public void addRow(Tensor inOut, Tensor row) {
        Shapes.check(row, 1, inOut.columns(), "row");
        view(inOut).addi(view(row));
    }

    @Override
    public void addColumnSums(Tensor out, Tensor x) {
        Shapes.check(out, 1, x.columns(), "out");
        view(out).addi(view(x).sum(true, 0));
    }

    @Override
    public void addScaled(Tensor inOut, Tensor other, double factor) {
        Shapes.checkSame(inOut, other, "other");
        view(inOut).addi(view(other).mul(factor));
    }

    @Override
    public void mix(Tensor inOut, Tensor other, double keep) {
        Shapes.checkSame(inOut, other, "other");
        view(inOut).muli(keep).addi(view(other).mul(1 - keep));
    }

    @Override
    public void copy(Tensor out, Tensor x) {
        Shapes.checkSame(out, x, "x");
        view(out).assign(view(x));
    }

    @Override
    public void transpose(Tensor out, Tensor x) {
        Shapes.check(out, x.columns(), x.rows(), "out");
        view(out).assign(view(x).transpose());
    }

    @Override
    public void scale(Tensor inOut, double factor) {
        view(inOut).muli(factor);
    }

    @Override
    public void zero(Tensor out) {
        view(out).assign(0);
    }

    @Override
    public double sumOfSquares(Tensor x) {
        INDArray values = view(x).castTo(org.nd4j.linalg.api.buffer.DataType.DOUBLE);
        return values.mul(values).sumNumber().doubleValue();
    }

    @Override
    public void gatherRows(Tensor out, Tensor table, int[] rows, int from, int count) {
        Shapes.check(out, count, table.columns(), "out");
        INDArray picked = view(out);
        INDArray source = view(table);
        for (int i = 0; i < count; i++) {
            row(picked, i).assign(row(source, rows[from + i]));
        }
    }

    @Override
    public void scatterAddRows(Tensor table, int[] rows, int from, int count, Tensor in) {
        Shapes.check(in, count, table.columns(), "in");
        INDArray sums = view(table);
        INDArray added = view(in);
        for (int i = 0; i < count; i++) {
            row(sums, rows[from + i]).addi(row(added, i));
        }
    }

    private static INDArray row(INDArray matrix, int row) {
        return Nd4jViews.part(matrix, row, row + 1, 0, matrix.columns());
    }

    private static INDArray columns(INDArray matrix, int from, int to) {
        return Nd4jViews.part(matrix, 0, matrix.rows(), from, to);
    }

    @Override
    public void rmsNorm(Tensor out, Tensor inverseRms, Tensor x, Tensor weight, double epsilon) {
        Shapes.checkSame(x, out, "out");
        int groups = Shapes.checkNorm(x, inverseRms, weight);
        int width = weight.columns();
        for (int group = 0; group < groups; group++) {
            INDArray values = columns(view(x), group * width, (group + 1) * width);
            INDArray meanSquare = values.mul(values).sum(true, 1).divi(width);
            INDArray inverse = Transforms.sqrt(meanSquare.addi(epsilon)).rdivi(1);
            columns(view(inverseRms), group, group + 1).assign(inverse);
            columns(view(out), group * width, (group + 1) * width)
                    .assign(values.mul(inverse).muli(view(weight)));
        }
    }

    @Override
    public void rmsNormBackward(Tensor dX, Tensor dWeight, Tensor dOut, Tensor x, Tensor inverseRms, Tensor weight) {
        Shapes.checkSame(x, dX, "dX");
        Shapes.checkSame(x, dOut, "dOut");
        int groups = Shapes.checkNorm(x, inverseRms, weight);
        int width = weight.columns();
        for (int group = 0; group < groups; group++) {
            int from = group * width;
            INDArray inverse = columns(view(inverseRms), group, group + 1);
            INDArray normalized = columns(view(x), from, from + width).mul(inverse);
            INDArray d = columns(view(dOut), from, from + width);
            INDArray weighted = d.mul(view(weight));
            INDArray mean = weighted.mul(normalized).sum(true, 1).divi(width);
            columns(view(dX), from, from + width)
                    .addi(weighted.sub(normalized.mul(mean)).muli(inverse));
            if (dWeight.columns() > 0) {
                view(dWeight).addi(d.mul(normalized).sum(true, 0));
            }
        }
    }

    @Override
    public void layerNorm(Tensor out, Tensor statistics, Tensor x, Tensor weight, Tensor bias, double epsilon) {
        Shapes.checkSame(x, out, "out");
        Shapes.checkLayerNorm(x, statistics, weight);
        INDArray mean = view(x).sum(true, 1).divi(x.columns());
        INDArray centered = view(x).sub(mean);
        INDArray variance = centered.mul(centered).sum(true, 1).divi(x.columns());
        INDArray inverse = Transforms.sqrt(variance.addi(epsilon)).rdivi(1);
        columns(view(statistics), 0, 1).assign(mean);
        columns(view(statistics), 1, 2).assign(inverse);
        view(out).assign(centered.muli(inverse).muli(view(weight)).addi(view(bias)));
    }

    @Override
    public void layerNormBackward(
            Tensor dX, Tensor dWeight, Tensor dBias, Tensor dOut, Tensor x, Tensor statistics, Tensor weight) {
        Shapes.checkSame(x, dX, "dX");
        Shapes.checkSame(x, dOut, "dOut");
        Shapes.checkLayerNorm(x, statistics, weight);
        INDArray inverse = columns(view(statistics), 1, 2);
        INDArray normalized = view(x).sub(columns(view(statistics), 0, 1)).muli(inverse);
        INDArray weighted = view(dOut).mul(view(weight));
        INDArray mean = weighted.sum(true, 1).divi(x.columns());
        INDArray slope = weighted.mul(normalized).sum(true, 1).divi(x.columns());
        view(dX).addi(weighted.sub(mean).subi(normalized.mul(slope)).muli(inverse));
        if (dWeight.columns() > 0) {
            view(dWeight).addi(view(dOut).mul(normalized).sum(true, 0));
        }
        if (dBias.columns() > 0) {
            view(dBias).addi(view(dOut).sum(true, 0));
        }
    }

    @Override
    public void gelu(Tensor out, Tensor x) {
        Shapes.checkSame(x, out, "out");
        view(out).assign(view(x).mul(geluSigmoid(view(x))));
    }

    /** sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3): (1 + tanh(u)) / 2. */
    private static INDArray geluSigmoid(INDArray x) {
        return sigmoid(x.mul(x).muli(0.044715).addi(1).muli(x).muli(2 * Math.sqrt(2 / Math.PI)));
    }

    @Override
    public void geluBackward(Tensor inOut, Tensor x) {
        Shapes.checkSame(x, inOut, "inOut");
        INDArray values = view(x);
        INDArray sigmoid = geluSigmoid(values);
        INDArray slope = values.mul(values).muli(3 * 0.044715).addi(1).muli(2 * Math.sqrt(2 / Math.PI));
        INDArray bend = values.mul(sigmoid).muli(sigmoid.rsub(1)).muli(slope);
        view(inOut).muli(sigmoid.add(bend));
    }

    @Override
    public void scaleRows(Tensor inOut, Tensor factors) {
        Shapes.check(factors, inOut.rows(), 1, "factors");
        view(inOut).muli(view(factors));
    }

    @Override
    public void rowDots(Tensor out, Tensor a, Tensor b) {
        Shapes.check(out, a.rows(), 1, "out");
        Shapes.checkSame(a, b, "b");
        view(out).assign(view(a).mul(view(b)).sum(true, 1));
    }

    @Override
    public void rotate(Tensor x, int[] positions, Tensor cosines, Tensor sines, int headDim, boolean inverse) {
        int half = headDim / 2;
        INDArray rotated = view(x);
        INDArray cosine = picked(cosines, positions, x.rows());
        INDArray sine = picked(sines, positions, x.rows()).muli(inverse ? -1 : 1);
        for (int head = 0; head < x.columns(); head += headDim) {
            INDArray a = columns(rotated, head, head + half);
            INDArray b = columns(rotated, head + half, head + headDim);
            INDArray first = a.mul(cosine).subi(b.mul(sine));
            b.assign(b.mul(cosine).addi(a.mul(sine)));
            a.assign(first);
        }
    }

    private INDArray picked(Tensor table, int[] rows, int count) {
        INDArray source = view(table);
        INDArray out = Nd4j.create(Nd4jViews.type(type), count, table.columns());
        for (int i = 0; i < count; i++) {
            row(out, i).assign(row(source, rows[i]));
        }
        return out;
    }

    @Override
    public void swiGlu(Tensor out, Tensor gateUp) {
        int width = out.columns();
        Shapes.check(gateUp, out.rows(), 2 * width, "gateUp");
        INDArray both = view(gateUp);
        INDArray gate = columns(both, 0, width);
        view(out).assign(gate.mul(sigmoid(gate)).muli(columns(both, width, 2 * width)));
    }

    @Override
    public void swiGluBackward(Tensor dGateUp, Tensor inOut, Tensor gateUp) {
        int width = inOut.columns();
        Shapes.check(gateUp, inOut.rows(), 2 * width, "gateUp");
        Shapes.checkSame(gateUp, dGateUp, "dGateUp");
        INDArray both = view(gateUp);
        INDArray gate = columns(both, 0, width);
        INDArray up = columns(both, width, 2 * width);
        INDArray d = view(inOut);
        INDArray sigmoid = sigmoid(gate);
        INDArray silu = gate.mul(sigmoid);
        INDArray slope = sigmoid.add(silu.mul(sigmoid.rsub(1)));
        INDArray ofGate = d.mul(up).muli(slope);
        INDArray ofUp = d.mul(silu);
        d.assign(silu.muli(up));
        INDArray gradient = view(dGateUp);
        columns(gradient, 0, width).assign(ofGate);
        columns(gradient, width, 2 * width).assign(ofUp);
    }

    /** 1 / (1 + e^-x), from e^-|x| so that nothing overflows. */
    private static INDArray sigmoid(INDArray x) {
        INDArray small = Transforms.exp(Transforms.abs(x, true).negi(), false);
        INDArray positive = small.add(1).rdivi(1);
        INDArray isNegative = x.lt(0).castTo(x.dataType());
        // x >= 0: 1 / (1 + e^-|x|); x < 0: e^-|x| / (1 + e^-|x|)
        return positive.mul(isNegative.mul(small.sub(1)).addi(1));
    }

    @Override
    public void attention(Tensor out, Tensor logSumExp, Tensor queryKeyValue, AttentionLayout layout) {
        Shapes.checkAttention(out, logSumExp, queryKeyValue, layout);
        new Nd4jAttention(view(queryKeyValue), layout).forward(view(out), view(logSumExp));
    }

    @Override
    public void attentionBackward(
            Tensor dQueryKeyValue,
            Tensor dOut,
            Tensor out,
            Tensor logSumExp,
            Tensor queryKeyValue,
            AttentionLayout layout) {
        Shapes.checkAttention(out, logSumExp, queryKeyValue, layout);
        Shapes.checkSame(queryKeyValue, dQueryKeyValue, "dQueryKeyValue");
        Shapes.checkSame(out, dOut, "dOut");
        INDArray gradient = view(dQueryKeyValue).assign(0);
        new Nd4jAttention(view(queryKeyValue), layout).backward(gradient, view(dOut), view(out), view(logSumExp));
    }

    @Override
    public void logitStatistics(
            LogitStatistics statistics,
            Set<Column> wanted,
            Tensor logits,
            int[] targets,
            int from,
            double temperature) {
        if (logits.rows() > 0) {
            new Nd4jLogits(view(logits), targets, from, temperature).report(statistics, wanted);
        }
    }

    @Override
    public void logitGradients(
            Tensor logits, int[] targets, double[] dLogProb, double[] dEntropy, int from, double temperature) {
        if (logits.rows() > 0) {
            new Nd4jLogits(view(logits), targets, from, temperature).intoGradient(dLogProb, dEntropy);
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
        if (logits.rows() > 0) {
            Nd4jLogits rows = new Nd4jLogits(view(logits), targets, from, temperature);
            rows.report(statistics, wanted);
            rows.intoGradient(dLogProb, new double[0]);
        }
    }

    @Override
    public void adamW(Tensor value, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step) {
        Shapes.checkSame(value, gradient, "gradient");
        Shapes.checkSame(value, firstMoment, "firstMoment");
        Shapes.checkSame(value, secondMoment, "secondMoment");
        INDArray g = view(gradient).mul(step.gradientScale());
        INDArray m = view(firstMoment).muli(step.beta1()).addi(g.mul(1 - step.beta1()));
        INDArray v = view(secondMoment).muli(step.beta2()).addi(g.mul(g).muli(1 - step.beta2()));
        double bias1 = 1 - Math.pow(step.beta1(), step.step());
        double bias2 = 1 - Math.pow(step.beta2(), step.step());
        INDArray denominator = Transforms.sqrt(v, true).divi(Math.sqrt(bias2)).addi(step.epsilon());
        view(value)
                .muli(1 - step.rate() * step.decay())
                .subi(m.mul(step.rate() / bias1).divi(denominator));
    }
}
