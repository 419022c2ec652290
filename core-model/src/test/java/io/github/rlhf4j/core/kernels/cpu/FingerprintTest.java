package io.github.rlhf4j.core.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.conformance.KernelRun;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    @Test
    void everyElementAndItsPlaceCount() {
        try (CpuKernels kernels = new CpuKernels(2);
                KernelRun run = new KernelRun(kernels)) {
            for (Tensor x : new Tensor[] {run.random(3, 37), run.random(2, 70_001), run.strided(4, 21)}) {
                Set<Long> seen = new HashSet<>();
                long before = kernels.fingerprint(x);
                seen.add(before);
                for (int i = 0; i < x.rows(); i++) {
                    for (int j = 0; j < x.columns(); j += 1 + x.columns() / 40) {
                        double kept = x.get(i, j);
                        x.set(i, j, Math.nextUp((float) kept));
                        assertThat(seen.add(kernels.fingerprint(x)))
                                .as("element %d, %d", i, j)
                                .isTrue();
                        x.set(i, j, kept);
                    }
                }
                double kept = x.get(0, 0);
                x.set(0, 0, x.get(1, 1));
                x.set(1, 1, kept);
                assertThat(seen.add(kernels.fingerprint(x))).isTrue();
                x.set(1, 1, x.get(0, 0));
                x.set(0, 0, kept);
                assertThat(kernels.fingerprint(x)).isEqualTo(before);
            }
        }
    }

    @Test
    void theNumberOfThreadsDoesNotCount() {
        try (CpuKernels one = new CpuKernels(1);
                CpuKernels three = new CpuKernels(3);
                KernelRun run = new KernelRun(one)) {
            Tensor x = run.random(5, 50_000);
            assertThat(three.fingerprint(x)).isEqualTo(one.fingerprint(x));
        }
    }
}
