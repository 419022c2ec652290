package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.math.LeadingFactors;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;

/**
 * Begins A and B as a part of the weight W of their module, so that {@code W - s B0 A0 + s B A} is W at first.
 *
 * <p>PiSSA (Meng et al. 2024, arXiv:2404.02948, Eq. 2 and 3): {@code B = U sqrt(S / s)}, {@code A = sqrt(S / s) V^T} of the first r singular values S. OLoRA (arXiv:2406.01775): {@code B = Q}, {@code A = R} of W = Q R, the first r columns and rows. Both as in peft.
 */
final class PartsOfWeights {
    private final LoraConfig config;
    private final Kernels kernels;

    PartsOfWeights(LoraConfig config, Kernels kernels) {
        this.config = config;
        this.kernels = kernels;
    }

    void begin(AdapterLayout layout, ParameterStore weights, ParameterStore trained, ParameterStore origins) {
        layout.modules().forEach((key, modules) -> {
            LowRank now = LowRank.of(trained, key, modules);
            for (LowRank.Cut cut : now.cuts(0, Integer.MAX_VALUE)) {
                begin(new WeightRows(kernels, weights.matrix(key)), cut);
            }
        });
        for (FusedParameter origin : origins.fused()) {
            origin.copyFrom(trained.matrix(origin.matrix().key()));
        }
    }

    private void begin(WeightRows weight, LowRank.Cut cut) {
        int outputs = cut.end() - cut.first();
        int inputs = weight.columns();
        double[] values = values(weight, cut);
        boolean singular = config.variant().init() == LoraInit.PISSA;
        LeadingFactors factors = singular
                ? LeadingFactors.singular(values, outputs, inputs, config.r())
                : LeadingFactors.orthogonal(values, outputs, inputs, config.r());
        double share = singular ? 1 / Math.sqrt(config.scale()) : 1;
        fill(cut.term().up().value(), factors.left(), share);
        fill(cut.ownDown(), factors.right(), share);
    }

    private double[] values(WeightRows weight, LowRank.Cut cut) {
        try (NativeMemory memory = new NativeMemory(1 << 16)) {
            int outputs = cut.end() - cut.first();
            Tensor values = memory.allocateUninitialized(kernels.type(), outputs, weight.columns());
            weight.copyTo(values, cut.first(), cut.end());
            return values.toArray();
        }
    }

    private static void fill(Tensor out, double[] values, double factor) {
        for (int i = 0; i < out.rows(); i++) {
            for (int j = 0; j < out.columns(); j++) {
                out.set(i, j, factor * values[i * out.columns() + j]);
            }
        }
    }
}
