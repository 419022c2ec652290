package io.github.rlhf4j.core.kernels.nd4j;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.kernels.KernelsBinder;
import io.github.rlhf4j.core.tensor.DataType;

/**
 * Kernels of ND4J operations, by the name {@code nd4j}.
 *
 * <p>Needs: nothing. Provides: the entry {@code nd4j} of {@code Map<String, KernelsFactory>}. Extended by: {@link KernelsBinder}.
 */
public final class Nd4jKernelsModule extends AbstractModule {
    @Override
    protected void configure() {
        KernelsBinder.kernelsBinder(binder()).bind("nd4j", threads -> new Nd4jKernels(DataType.FLOAT));
    }
}
