package io.github.rlhf4j.core.kernels.cpu;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.KernelsBinder;
import io.github.rlhf4j.core.kernels.KernelsFactory;

/**
 * The fast kernels of the CPU, by the name {@code cpu}.
 *
 * <p>Needs: nothing. Provides: the entry {@code cpu} of {@code Map<String, KernelsFactory>}. Extended by: {@link KernelsBinder}.
 */
public final class CpuKernelsModule extends AbstractModule {
    @Override
    protected void configure() {
        KernelsBinder.kernelsBinder(binder()).bind("cpu", new CpuKernelsFactory());
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
