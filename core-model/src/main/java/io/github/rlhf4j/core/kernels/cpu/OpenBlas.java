package io.github.rlhf4j.core.kernels.cpu;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.blas_get_num_threads;
import static org.bytedeco.openblas.global.openblas_nolapack.blas_set_num_threads;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/** OpenBLAS's products. It packs the second operand of {@code a b} slowly, and that of {@code b^T a^T} fast. */
final class OpenBlas implements Sgemm {
    private static final List<String> KERNELS = List.of(
            "SAPPHIRERAPIDS",
            "COOPERLAKE",
            "SKYLAKEX",
            "ZEN",
            "HASWELL",
            "SANDYBRIDGE",
            "EXCAVATOR",
            "STEAMROLLER",
            "PILEDRIVER",
            "BULLDOZER",
            "BARCELONA",
            "NEHALEM",
            "CORE2",
            "PRESCOTT",
            "NEOVERSEV1",
            "NEOVERSEN2",
            "NEOVERSEN1",
            "ARMV8SVE",
            "ARMV8");

    @Override
    public String description() {
        return "OpenBLAS (" + kernelName() + ")";
    }

    /** ND4J, if it has been loaded since, may have changed it. */
    @Override
    public void useOneThread() {
        if (blas_get_num_threads() != 1) {
            blas_set_num_threads(1);
        }
    }

    @Override
    public boolean isSlowWithoutTransposes() {
        return true;
    }

    @Override
    public void multiply(
            Workspace workspace,
            boolean transposeA,
            boolean transposeB,
            int rows,
            int columns,
            int depth,
            float alpha,
            long a,
            int strideOfA,
            long b,
            int strideOfB,
            float beta,
            long c,
            int strideOfC) {
        cblas_sgemm(
                CblasRowMajor,
                transposeA ? CblasTrans : CblasNoTrans,
                transposeB ? CblasTrans : CblasNoTrans,
                rows,
                columns,
                depth,
                alpha,
                workspace.a.at(a),
                strideOfA,
                workspace.b.at(b),
                strideOfB,
                beta,
                workspace.c.at(c),
                strideOfC);
    }

    /** OpenBLAS's name of the chosen kernel. Its bindings lack the call that says so: the pointer to the chosen table is compared with every table. */
    static String kernelName() {
        Loader.load(openblas_nolapack.class);
        Pointer chosen = Loader.addressof("gotoblas");
        if (chosen == null || chosen.isNull()) {
            return "one kernel";
        }
        long table = new LongPointer(chosen).get();
        for (String name : KERNELS) {
            Pointer candidate = Loader.addressof("gotoblas_" + name);
            if (candidate != null && candidate.address() == table) {
                return name;
            }
        }
        return "unknown kernel";
    }
}
