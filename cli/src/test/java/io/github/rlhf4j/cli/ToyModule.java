package io.github.rlhf4j.cli;

import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.kernels.KernelsBinder;
import io.github.rlhf4j.core.stage.StageBinder;

/** A user's module, found on the class path: the stage {@code toy}, and kernels with forced replicas. */
public final class ToyModule extends AbstractModule {
    @Override
    protected void configure() {
        StageBinder.stageBinder(binder()).bind("toy", ToyStage.class);
        ReplicaKernels.bind(KernelsBinder.kernelsBinder(binder()));
    }
}
