package io.github.rlhf4j.core.kernels;

import com.google.inject.Binder;
import com.google.inject.multibindings.MapBinder;

/** Binds kernels by the name that {@code --kernels} uses: {@code kernelsBinder(binder()).bind("nd4j", factory)}. */
public final class KernelsBinder {
    private final MapBinder<String, KernelsFactory> factories;

    private KernelsBinder(Binder binder) {
        factories = MapBinder.newMapBinder(binder, String.class, KernelsFactory.class);
    }

    /** The binder of kernels. */
    public static KernelsBinder kernelsBinder(Binder binder) {
        return new KernelsBinder(binder);
    }

    /** Kernels of this name are made by that factory. */
    public KernelsBinder bind(String name, KernelsFactory factory) {
        factories.addBinding(name).toInstance(factory);
        return this;
    }
}
