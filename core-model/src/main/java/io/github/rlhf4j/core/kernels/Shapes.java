package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;

/** Checks of arguments that every implementation shares; a violation is a bug of the caller. */
public final class Shapes {
    private Shapes() {}

    public static void checkType(DataType type, Tensor... tensors) {
        for (Tensor tensor : tensors) {
            if (tensor.type() != type) {
                throw new IllegalArgumentException(tensor + " given to kernels of type " + type);
            }
        }
    }

    public static void check(Tensor tensor, int rows, int columns, String name) {
        if (tensor.rows() != rows || tensor.columns() != columns) {
            throw new IllegalArgumentException(name + " must be " + rows + " x " + columns + ", but is " + tensor);
        }
    }

    public static void checkSame(Tensor a, Tensor b, String name) {
        check(b, a.rows(), a.columns(), name);
    }

    public static int matmulDepth(Tensor out, Tensor a, boolean transposeA, Tensor b, boolean transposeB) {
        int rows = transposeA ? a.columns() : a.rows();
        int depth = transposeA ? a.rows() : a.columns();
        int depthOfB = transposeB ? b.columns() : b.rows();
        int columns = transposeB ? b.rows() : b.columns();
        if (depth != depthOfB) {
            throw new IllegalArgumentException(
                    "cannot multiply " + a + (transposeA ? "^T" : "") + " by " + b + (transposeB ? "^T" : ""));
        }
        check(out, rows, columns, "the product");
        return depth;
    }

    /** {@code x} is {@code groups} times as wide as {@code weight}; returns groups. */
    public static int checkNorm(Tensor x, Tensor inverseRms, Tensor weight) {
        int groups = x.columns() / weight.columns();
        check(weight, 1, x.columns() / groups, "weight");
        check(x, x.rows(), groups * weight.columns(), "x");
        check(inverseRms, x.rows(), groups, "inverseRms");
        return groups;
    }

    public static void checkLayerNorm(Tensor x, Tensor statistics, Tensor weight) {
        check(weight, 1, x.columns(), "weight");
        check(statistics, x.rows(), 2, "statistics");
    }

    public static void checkAttention(Tensor out, Tensor logSumExp, Tensor queryKeyValue, AttentionLayout layout) {
        int rows = queryKeyValue.rows();
        check(queryKeyValue, rows, layout.queryWidth() + 2 * layout.keyValueWidth(), "queryKeyValue");
        check(out, rows, layout.queryWidth(), "the attention output");
        check(logSumExp, rows, layout.heads(), "logSumExp");
    }

    public static void checkDecode(Tensor out, Tensor queryKeyValue, Tensor cache, CacheLayout layout, int rows) {
        check(queryKeyValue, queryKeyValue.rows(), layout.rowWidth(), "queryKeyValue");
        check(out, queryKeyValue.rows(), layout.heads() * layout.headDim(), "the attention output");
        check(cache, cache.rows(), layout.pageSize(), "the cache");
        if (rows > out.rows()) {
            throw new IllegalArgumentException(rows + " rows of " + out);
        }
    }

    public static void checkPanels(Tensor packed, int outputs, int inputs) {
        check(packed, Kernels.panels(outputs), inputs * Kernels.PANEL, "the packed weight");
    }
}
