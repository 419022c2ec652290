package io.github.rlhf4j.core.kernels.cpu;

import io.github.rlhf4j.core.LibraryProperties;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.kernels.AttentionLayout;
import io.github.rlhf4j.core.kernels.CacheLayout;
import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.RowMaxima;
import io.github.rlhf4j.core.kernels.Shapes;
import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The fast kernels of the CPU: oneDNN or OpenBLAS for matrix products, the JDK's Vector API for everything between them, FLOAT only.
 *
 * <p>Rows are staged from native memory into arrays that stay in the first-level cache. Work is cut into tiles by shape and shared out among this object's threads, each
 * calling a single-threaded library. One call at a time: calls from several threads wait for each other. Needs {@code --add-modules jdk.incubator.vector}.
 *
 * <p>Owns its threads and a little native memory until {@link #close}.
 */
public final class CpuKernels implements Kernels, AutoCloseable {
    /** How many there are taken to be; the property {@code rlhf4j.processors} gives the bytes of a machine with so many. */
    private static final int PROCESSORS = Math.max(
            1, Integer.getInteger("rlhf4j.processors", Runtime.getRuntime().availableProcessors()));

    private final Sgemm sgemm;
    private final int processors;
    private final Parallel parallel;
    private final Workspace[] workspaces;
    private final Matmul matmul;
    private final RowSums rowSums;
    private final GatherScatter rowMoves;
    private final CompactRows compactRows;
    private final CompactProduct compactProduct;
    private final Transposition transposition;
    private final Elementwise elementwise;
    private final SquareSum squareSum;
    private final Fingerprint fingerprint;
    private final RowNorm rowNorm;
    private final RowLayerNorm rowLayerNorm;
    private final RowFactors rowFactors;
    private final ColumnFactors columnFactors;
    private final RowDropout rowDropout;
    private final RotaryEmbedding rotation;
    private final SwiGlu gatedUnit;
    private final AttentionForward attentionForward;
    private final AttentionBackward attentionBackward;
    private final PanelPacking panelPacking;
    private final PanelProduct panelProduct;
    private final CompactPanelProduct compactPanelProduct;
    private final SmallHeadAttentionForward narrowForward;
    private final SmallHeadAttentionBackward narrowBackward;
    private final DecodeAttention decodeAttention;
    private final Exponentials exponentials;
    private final LogitRows logitRows;
    private final AdamWUpdate adamWUpdate = new AdamWUpdate();
    private final ScalarOperations scalars = new ScalarOperations();
    private final String description;
    private final List<CpuKernels> singles = new ArrayList<>();
    private final int enoughTiles;
    private @Nullable BfloatMatmul bfloat; // made when it is first asked for
    private Compute compute = Compute.FLOAT32;

    /** Kernels on all processors of the machine. */
    public CpuKernels() {
        this(PROCESSORS);
    }

    /**
     * @param threads worker threads, >= 1, the caller's included; results do not depend on it
     * @throws UserError where Java was started without {@code --add-modules jdk.incubator.vector}
     * @throws IllegalStateException if the library for them computes wrong products on this processor
     */
    public CpuKernels(int threads) {
        this(threads, library());
    }

    /**
     * Kernels that cut their work as on a machine of another size.
     *
     * @param processors how many there are taken to be, >= 1: the number of {@link #singles}, and with it the replicas on which small models train
     */
    public CpuKernels(int threads, int processors) {
        this(threads, library(), processors, Math.max(2, processors));
    }

    /** The library for products; before it is loaded, the process gets what it was not started with. */
    private static Sgemm library() {
        if (!isAvailable()) {
            throw new UserError(
                    "the CPU's kernels need the JDK's Vector API: start Java with --add-modules jdk.incubator.vector");
        }
        LibraryProperties.set();
        Sgemm chosen = Blas.choose();
        JvmOptions.apply(Blas.warnings(chosen));
        return chosen;
    }

    CpuKernels(int threads, Sgemm sgemm) {
        this(threads, sgemm, PROCESSORS, Math.max(2, PROCESSORS));
    }

    /** @param enoughTiles into how many a product is cut if it is large enough */
    private CpuKernels(int threads, Sgemm sgemm, int processors, int enoughTiles) {
        this.processors = processors;
        this.enoughTiles = enoughTiles;
        this.sgemm = sgemm;
        sgemm.useOneThread();
        Blas.checkOnce(sgemm);
        parallel = new Parallel(threads);
        workspaces = new Workspace[threads];
        for (int i = 0; i < threads; i++) {
            workspaces[i] = new Workspace();
        }
        matmul = new Matmul(sgemm, parallel, workspaces, enoughTiles);
        rowSums = new RowSums(parallel, workspaces);
        rowMoves = new GatherScatter(parallel, workspaces);
        compactRows = new CompactRows(parallel);
        compactProduct = new CompactProduct(compactRows, matmul);
        transposition = new Transposition(parallel, workspaces, enoughTiles);
        elementwise = new Elementwise(parallel, workspaces);
        squareSum = new SquareSum(parallel, workspaces);
        fingerprint = new Fingerprint(parallel, workspaces);
        rowNorm = new RowNorm(parallel, workspaces);
        rowLayerNorm = new RowLayerNorm(parallel, workspaces);
        rowFactors = new RowFactors(parallel, workspaces);
        columnFactors = new ColumnFactors(parallel, workspaces);
        rowDropout = new RowDropout(parallel, workspaces);
        rotation = new RotaryEmbedding(parallel, workspaces);
        gatedUnit = new SwiGlu(parallel, workspaces);
        attentionForward = new AttentionForward(sgemm, parallel, workspaces);
        attentionBackward = new AttentionBackward(sgemm, parallel, workspaces);
        panelPacking = new PanelPacking(parallel);
        panelProduct = new PanelProduct(parallel, Processor.TOUCHES_AHEAD);
        compactPanelProduct = CompactPanelProduct.with(sgemm, parallel, workspaces);
        LaneScratch[] scratches = new LaneScratch[threads];
        Arrays.setAll(scratches, i -> new LaneScratch());
        narrowForward = new SmallHeadAttentionForward(parallel, scratches);
        narrowBackward = new SmallHeadAttentionBackward(parallel, scratches);
        decodeAttention = new DecodeAttention(parallel);
        exponentials = new Exponentials(parallel, workspaces);
        logitRows = new LogitRows(parallel, workspaces);
        description = "CPU, " + sgemm.description() + ", " + VectorMath.LANES * 32 + "-bit vectors, " + threads
                + (threads == 1 ? " thread" : " threads");
    }

    /** Whether the Vector API is there: the JVM runs with {@code --add-modules jdk.incubator.vector}. */
    public static boolean isAvailable() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    @Override
    public DataType type() {
        return DataType.FLOAT;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public int threads() {
        return parallel.threads();
    }

    @Override
    public synchronized List<Kernels> singles() {
        while (singles.size() < processors) {
            CpuKernels single = new CpuKernels(1, sgemm, 1, 1);
            single.computeWith(compute);
            singles.add(single);
        }
        return List.copyOf(singles);
    }

    @Override
    public synchronized void together(int tasks, IntConsumer task) {
        parallel.forEachTile(tasks, (tile, worker) -> task.accept(tile));
    }

    @Override
    public synchronized void matmul(
            Tensor out, Tensor a, boolean transposeA, Tensor b, boolean transposeB, double alpha, double beta) {
        if (compute == Compute.BFLOAT16 && BfloatMatmul.isFor(out, a, transposeA, alpha, beta)) {
            Objects.requireNonNull(bfloat).multiply(out, a, transposeA, b, transposeB, beta);
        } else {
            matmul.multiply(out, a, transposeA, b, transposeB, alpha, beta);
        }
    }

    @Override
    public synchronized Compute compute() {
        return compute;
    }

    @Override
    public synchronized boolean computeWith(Compute wanted) {
        if (wanted == Compute.BFLOAT16 && bfloat == null) {
            if (!(sgemm instanceof OneDnn library && BfloatPlans.areFast())) {
                return false;
            }
            bfloat = new BfloatMatmul(library, parallel, workspaces, enoughTiles);
        }
        compute = wanted;
        singles.forEach(single -> single.computeWith(wanted));
        return true;
    }

    @Override
    public synchronized void addRow(Tensor inOut, Tensor row) {
        Shapes.check(row, 1, inOut.columns(), "row");
        rowSums.addRow(inOut, row);
    }

    @Override
    public synchronized void addColumnSums(Tensor out, Tensor x) {
        Shapes.check(out, 1, x.columns(), "out");
        rowSums.addColumnSums(out, x);
    }

    @Override
    public synchronized void addScaled(Tensor inOut, Tensor other, double factor) {
        Shapes.checkSame(inOut, other, "other");
        elementwise.run(scalars.addScaled(factor), true, inOut, other);
    }

    @Override
    public synchronized void mix(Tensor inOut, Tensor other, double keep) {
        Shapes.checkSame(inOut, other, "other");
        elementwise.run(scalars.mix(keep), true, inOut, other);
    }

    @Override
    public synchronized void copy(Tensor out, Tensor x) {
        Shapes.checkSame(out, x, "x");
        elementwise.run(scalars.copy(), false, out, x);
    }

    @Override
    public synchronized void transpose(Tensor out, Tensor x) {
        Shapes.check(out, x.columns(), x.rows(), "out");
        transposition.run(out, x);
    }

    @Override
    public boolean isFasterWithoutTransposes() {
        return !sgemm.isSlowWithoutTransposes();
    }

    @Override
    public synchronized void scale(Tensor inOut, double factor) {
        elementwise.run(scalars.scale(factor), true, inOut);
    }

    @Override
    public synchronized void zero(Tensor out) {
        elementwise.run(scalars.zero(), false, out);
    }

    @Override
    public synchronized double sumOfSquares(Tensor x) {
        return squareSum.of(x);
    }

    @Override
    public synchronized void gatherRows(Tensor out, Tensor table, int[] rows, int from, int count) {
        Shapes.check(out, count, table.columns(), "out");
        rowMoves.gather(out, table, rows, from, count);
    }

    @Override
    public synchronized void expand(Tensor out, CompactMatrix from) {
        compactRows.expand(out, from, null, 0, from.rows());
    }

    @Override
    public synchronized void gatherCompact(Tensor out, CompactMatrix table, int[] rows, int from, int count) {
        compactRows.expand(out, table, rows, from, count);
    }

    @Override
    public synchronized void multiplyCompact(Tensor out, Tensor a, CompactMatrix b, boolean transposeB, double beta) {
        compactProduct.multiply(out, a, b, transposeB, beta);
    }

    @Override
    public synchronized void scatterAddRows(Tensor table, int[] rows, int from, int count, Tensor in) {
        Shapes.check(in, count, table.columns(), "in");
        rowMoves.scatterAdd(table, rows, from, count, in);
    }

    @Override
    public synchronized void rmsNorm(Tensor out, Tensor inverseRms, Tensor x, Tensor weight, double epsilon) {
        Shapes.checkSame(x, out, "out");
        Shapes.checkNorm(x, inverseRms, weight);
        rowNorm.forward(out, inverseRms, x, weight, epsilon);
    }

    @Override
    public synchronized void rmsNormBackward(
            Tensor dX, Tensor dWeight, Tensor dOut, Tensor x, Tensor inverseRms, Tensor weight) {
        Shapes.checkSame(x, dX, "dX");
        Shapes.checkSame(x, dOut, "dOut");
        Shapes.checkNorm(x, inverseRms, weight);
        rowNorm.backward(dX, dWeight, dOut, x, inverseRms, weight);
    }

    @Override
    public synchronized void layerNorm(
            Tensor out, Tensor statistics, Tensor x, Tensor weight, Tensor bias, double epsilon) {
        Shapes.checkSame(x, out, "out");
        Shapes.checkSame(weight, bias, "bias");
        Shapes.checkLayerNorm(x, statistics, weight);
        rowLayerNorm.forward(out, statistics, x, weight, bias, epsilon);
    }

    @Override
    public synchronized void layerNormBackward(
            Tensor dX, Tensor dWeight, Tensor dBias, Tensor dOut, Tensor x, Tensor statistics, Tensor weight) {
        Shapes.checkSame(x, dX, "dX");
        Shapes.checkSame(x, dOut, "dOut");
        Shapes.checkLayerNorm(x, statistics, weight);
        rowLayerNorm.backward(dX, dWeight, dBias, dOut, x, statistics, weight);
    }

    @Override
    public synchronized void gelu(Tensor out, Tensor x) {
        Shapes.checkSame(x, out, "out");
        elementwise.run(scalars.gelu(), false, out, x);
    }

    @Override
    public synchronized void geluBackward(Tensor inOut, Tensor x) {
        Shapes.checkSame(x, inOut, "inOut");
        elementwise.run(scalars.geluBackward(), true, inOut, x);
    }

    @Override
    public synchronized void scaleRows(Tensor inOut, Tensor factors) {
        Shapes.check(factors, inOut.rows(), 1, "factors");
        rowFactors.scale(inOut, factors);
    }

    @Override
    public synchronized void scaleColumns(Tensor inOut, Tensor row) {
        Shapes.check(row, 1, inOut.columns(), "row");
        columnFactors.scale(inOut, row);
    }

    @Override
    public synchronized void addColumnDots(Tensor out, Tensor a, Tensor b) {
        Shapes.check(out, 1, a.columns(), "out");
        Shapes.checkSame(a, b, "b");
        columnFactors.addDots(out, a, b);
    }

    @Override
    public synchronized void dropout(Tensor inOut, long[] keys, double rate) {
        rowDropout.apply(inOut, keys, rate);
    }

    @Override
    public synchronized void rowDots(Tensor out, Tensor a, Tensor b) {
        Shapes.check(out, a.rows(), 1, "out");
        Shapes.checkSame(a, b, "b");
        rowFactors.dot(out, a, b);
    }

    @Override
    public synchronized void rotate(
            Tensor x, int[] positions, Tensor cosines, Tensor sines, int headDim, boolean inverse) {
        rotation.rotate(x, positions, cosines, sines, headDim, inverse);
    }

    @Override
    public synchronized void swiGlu(Tensor out, Tensor gateUp) {
        Shapes.check(gateUp, out.rows(), 2 * out.columns(), "gateUp");
        gatedUnit.forward(out, gateUp);
    }

    @Override
    public synchronized void swiGluBackward(Tensor dGateUp, Tensor inOut, Tensor gateUp) {
        Shapes.check(gateUp, inOut.rows(), 2 * inOut.columns(), "gateUp");
        Shapes.checkSame(gateUp, dGateUp, "dGateUp");
        gatedUnit.backward(dGateUp, inOut, gateUp);
    }

    @Override
    public synchronized void attention(Tensor out, Tensor logSumExp, Tensor queryKeyValue, AttentionLayout layout) {
        Shapes.checkAttention(out, logSumExp, queryKeyValue, layout);
        narrowForward.attend(out, logSumExp, queryKeyValue, layout);
        attentionForward.attend(out, logSumExp, queryKeyValue, layout);
    }

    @Override
    public synchronized void attentionBackward(
            Tensor dQueryKeyValue,
            Tensor dOut,
            Tensor out,
            Tensor logSumExp,
            Tensor queryKeyValue,
            AttentionLayout layout) {
        Shapes.checkAttention(out, logSumExp, queryKeyValue, layout);
        Shapes.checkSame(queryKeyValue, dQueryKeyValue, "dQueryKeyValue");
        Shapes.checkSame(out, dOut, "dOut");
        narrowBackward.attend(dQueryKeyValue, dOut, out, logSumExp, queryKeyValue, layout);
        attentionBackward.attend(dQueryKeyValue, dOut, out, logSumExp, queryKeyValue, layout);
    }

    @Override
    public synchronized long fingerprint(Tensor x) {
        return fingerprint.of(x);
    }

    @Override
    public synchronized void pack(Tensor packed, Tensor weight) {
        Shapes.checkPanels(packed, weight.rows(), weight.columns());
        panelPacking.pack(packed, weight);
    }

    @Override
    public synchronized void multiplyPacked(Tensor out, Tensor x, Tensor packed, boolean add) {
        Shapes.check(x, out.rows(), x.columns(), "x");
        Shapes.checkPanels(packed, out.columns(), x.columns());
        panelProduct.multiply(out, x, packed, add);
    }

    @Override
    public synchronized void pack(CompactPanels packed, Tensor weight) {
        Shapes.check(weight, packed.outputs(), packed.inputs(), "weight");
        panelPacking.pack(packed, weight);
    }

    @Override
    public synchronized void multiplyPacked(Tensor out, Tensor x, CompactPanels packed, boolean add) {
        Shapes.check(x, out.rows(), packed.inputs(), "x");
        Shapes.check(out, x.rows(), packed.outputs(), "out");
        compactPanelProduct.multiply(out, x, packed, add);
    }

    @Override
    public boolean readsByAddress(WeightType type) {
        return compactPanelProduct.readsByAddress(type);
    }

    @Override
    public synchronized void decodeAttention(
            Tensor out,
            Tensor queryKeyValue,
            Tensor cache,
            CacheLayout layout,
            int[] positions,
            int[][] pages,
            int rows) {
        Shapes.checkDecode(out, queryKeyValue, cache, layout, rows);
        decodeAttention.attend(out, queryKeyValue, cache, layout, positions, pages, rows);
    }

    @Override
    public synchronized void exponentiate(Tensor inOut, int rows, double temperature, RowMaxima maxima) {
        exponentials.run(inOut.rows(0, rows), temperature, maxima);
    }

    @Override
    public synchronized void logitStatistics(
            LogitStatistics statistics,
            Set<Column> wanted,
            Tensor logits,
            int[] targets,
            int from,
            double temperature) {
        logitRows.statistics(statistics, wanted, logits, targets, from, temperature);
    }

    @Override
    public synchronized void logitGradients(
            Tensor logits, int[] targets, double[] dLogProb, double[] dEntropy, int from, double temperature) {
        logitRows.gradients(logits, targets, dLogProb, dEntropy, from, temperature);
    }

    @Override
    public synchronized void logitStatisticsAndGradients(
            LogitStatistics statistics,
            Set<Column> wanted,
            Tensor logits,
            int[] targets,
            double[] dLogProb,
            int from,
            double temperature) {
        logitRows.both(statistics, wanted, logits, targets, dLogProb, from, temperature);
    }

    @Override
    public synchronized void adamW(
            Tensor value, Tensor gradient, Tensor firstMoment, Tensor secondMoment, AdamWStep step) {
        Shapes.checkSame(value, gradient, "gradient");
        Shapes.checkSame(value, firstMoment, "firstMoment");
        Shapes.checkSame(value, secondMoment, "secondMoment");
        adamWUpdate.set(step);
        elementwise.run(adamWUpdate, value, firstMoment, secondMoment, gradient);
    }

    @Override
    public synchronized void close() {
        singles.forEach(CpuKernels::close);
        singles.clear();
        compactProduct.close();
        compactPanelProduct.close();
        if (bfloat != null) {
            bfloat.close();
        }
        parallel.close();
        for (Workspace workspace : workspaces) {
            workspace.close();
        }
    }
}
