package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.CompactMatrix;
import io.github.rlhf4j.core.tensor.CompactPanels;
import io.github.rlhf4j.core.tensor.Tensor;

/**
 * What a call of {@link Kernels} has to do, from the shapes of its arguments.
 *
 * @param label names the kind of call; products are told apart by their form and rows x depth x columns
 * @param product whether it is a product of matrices
 * @param flops of products and attention, 2 for a multiply-add; scores that a backward pass computes again are not counted
 * @param bytes operands read and written, each once
 */
record KernelWork(String label, boolean product, double flops, double bytes) {
    static KernelWork of(String method, Object[] arguments) {
        double first = 0;
        double all = 0;
        for (Object argument : arguments) {
            double bytes = argument instanceof Tensor tensor ? bytes(tensor) : 0;
            first = all == 0 ? bytes : first;
            all += bytes;
        }
        return switch (method) {
            case "matmul" -> matmul(arguments, all);
            case "multiplyPacked" -> packed(arguments);
            case "multiplyCompact" -> compact(arguments, all);
            case "attention" -> attention(method, 4, (AttentionLayout) arguments[3], all);
            case "attentionBackward" -> attention(method, 8, (AttentionLayout) arguments[5], all);
            case "decodeAttention" -> decode(arguments);
            case "gatherRows", "gatherCompact", "rotate" -> plain(method, 2 * first);
            case "scatterAddRows" -> plain(method, 3 * bytes(tensor(arguments, 4)));
            case "adamW" -> plain(method, 7 * first);
            case "addRow",
                    "addScaled",
                    "mix",
                    "scale",
                    "dropout",
                    "exponentiate",
                    "rmsNormBackward",
                    "logitGradients" -> plain(method, all + first);
            case "swiGluBackward" -> plain(method, all + bytes(tensor(arguments, 1)));
            case "logitStatisticsAndGradients" -> plain(method, 2 * all);
            default -> plain(method, all);
        };
    }

    private static KernelWork plain(String method, double bytes) {
        return new KernelWork(method, false, 0, bytes);
    }

    private static KernelWork matmul(Object[] arguments, double operands) {
        Tensor out = tensor(arguments, 0);
        boolean transposeA = (boolean) arguments[2];
        boolean transposeB = (boolean) arguments[4];
        int depth =
                transposeA ? tensor(arguments, 1).rows() : tensor(arguments, 1).columns();
        String form = transposeA ? "a^T b" : transposeB ? "a b^T" : "a b";
        double bytes = operands + ((double) arguments[6] == 0 ? 0 : bytes(out));
        return product(form, out.rows(), depth, out.columns(), bytes);
    }

    private static KernelWork packed(Object[] arguments) {
        Tensor out = tensor(arguments, 0);
        Tensor in = tensor(arguments, 1);
        double weights = arguments[2] instanceof CompactPanels compact
                ? CompactPanels.bytes(compact.type(), compact.outputs(), compact.inputs())
                : (double) out.columns() * in.columns() * Float.BYTES;
        double bytes = bytes(out) + bytes(in) + weights;
        return product("packed", out.rows(), in.columns(), out.columns(), bytes);
    }

    private static KernelWork compact(Object[] arguments, double operands) {
        Tensor out = tensor(arguments, 0);
        CompactMatrix weight = (CompactMatrix) arguments[2];
        double bytes = operands
                + weight.type().bytes(weight.rows(), weight.columns())
                + ((double) arguments[4] == 0 ? 0 : bytes(out));
        String form = (boolean) arguments[3] ? "compact a b^T" : "compact a b";
        return product(form, out.rows(), tensor(arguments, 1).columns(), out.columns(), bytes);
    }

    private static KernelWork product(String form, int rows, int depth, int columns, double bytes) {
        String label = "product " + form + " " + rows + "x" + depth + "x" + columns;
        return new KernelWork(label, true, 2.0 * rows * depth * columns, bytes);
    }

    private static KernelWork attention(String method, int flopsOfChannel, AttentionLayout layout, double bytes) {
        double flops = (double) flopsOfChannel * layout.queryWidth() * layout.visiblePairs();
        return new KernelWork(method, false, flops, bytes);
    }

    private static KernelWork decode(Object[] arguments) {
        CacheLayout layout = (CacheLayout) arguments[3];
        int[] positions = (int[]) arguments[4];
        int rows = (int) arguments[6];
        double visible = 0;
        for (int row = 0; row < rows; row++) {
            visible += positions[row] + 1 - layout.firstVisible(positions[row]);
        }
        double flops = 4 * visible * layout.heads() * layout.headDim();
        double bytes = 2 * visible * layout.keyValueHeads() * layout.headDim() * Float.BYTES;
        return new KernelWork("decodeAttention", false, flops, bytes);
    }

    private static Tensor tensor(Object[] arguments, int index) {
        return (Tensor) arguments[index];
    }

    private static double bytes(Tensor tensor) {
        return (double) tensor.size() * tensor.type().bytes();
    }
}
