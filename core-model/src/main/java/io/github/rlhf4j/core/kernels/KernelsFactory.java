package io.github.rlhf4j.core.kernels;

/** Makes kernels of one sort; bound by name with {@link KernelsBinder}. */
@FunctionalInterface
public interface KernelsFactory {
    /** New kernels, closed by nobody: they last as long as the process. @param threads workers, >= 1; results do not depend on it */
    Kernels create(int threads);

    /** Whether this JVM can run them. */
    default boolean isAvailable() {
        return true;
    }
}
