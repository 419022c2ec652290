package io.github.rlhf4j.core.kernels;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.tensor.DataType;

/**
 * The kernels that can be chosen.
 *
 * <p>Needs: nothing. Provides: {@code Map<String, KernelsFactory>} with {@code cpu} and {@code nd4j}. Extended by: {@link KernelsBinder}.
 */
public final class KernelsModule extends AbstractModule {
    @Override
    protected void configure() {
        KernelsBinder.kernelsBinder(binder())
                .bind("cpu", new CpuKernelsFactory())
                .bind("nd4j", threads -> new Nd4jKernels(DataType.FLOAT));
    }

    private static final class CpuKernelsFactory implements KernelsFactory {
        @Override
        public Kernels create(int threads) {
            return new CpuKernels(threads);
        }

        @Override
        public boolean isAvailable() {
            return CpuKernels.isAvailable();
        }
    }
}
