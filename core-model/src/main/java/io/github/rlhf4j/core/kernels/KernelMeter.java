package io.github.rlhf4j.core.kernels;

import io.github.rlhf4j.core.tensor.Tensor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a model and its kernels and keeps count of every call: how many, how long, how much work. {@link #kernels} is what the model is to be given.
 *
 * <p>Work follows from the arguments' shapes alone, so it is the same on every machine. One thread calls, or one for each of {@link Kernels#singles}.
 */
public final class KernelMeter {
    private final Kernels metered;
    private final List<Kernels> singles;
    private final Map<String, Tally> tallies = new LinkedHashMap<>();
    private volatile boolean pausing;

    /** What calls of one kind came to. */
    public static final class Tally {
        private final boolean product;
        private long calls;
        private long nanoseconds;
        private double flops;
        private double bytes;

        private Tally(boolean product) {
            this.product = product;
        }

        private void add(long elapsed, KernelWork work) {
            calls++;
            nanoseconds += elapsed;
            flops += work.flops();
            bytes += work.bytes();
        }

        /** Whether these are products of matrices. */
        public boolean product() {
            return product;
        }

        public long calls() {
            return calls;
        }

        public double seconds() {
            return nanoseconds / 1e9;
        }

        /** Floating-point operations of products and of attention, a multiply-add being two; what is between them counts as none. */
        public double flops() {
            return flops;
        }

        /** Bytes of operands read and written, each once. */
        public double bytes() {
            return bytes;
        }
    }

    public KernelMeter(Kernels kernels) {
        singles = kernels.singles().stream()
                .map(single -> metered(single, kernels.threads(), List.of()))
                .toList();
        metered = metered(kernels, 1, singles);
    }

    /** @param together how many of these are at work at the same time: their times count as much less */
    private Kernels metered(Kernels kernels, int together, List<Kernels> ofSingles) {
        InvocationHandler handler = (proxy, method, arguments) ->
                method.getName().equals("singles") ? ofSingles : call(kernels, together, method, arguments);
        return (Kernels)
                Proxy.newProxyInstance(Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, handler);
    }

    /** The kernels that are counted. */
    public Kernels kernels() {
        return metered;
    }

    /** By kind of call, products by their shape, in order of first use. */
    public Map<String, Tally> tallies() {
        return Map.copyOf(tallies);
    }

    /** Calls of all kinds. */
    public long calls() {
        return tallies.values().stream().mapToLong(Tally::calls).sum();
    }

    /** All floating-point operations. */
    public double flops() {
        return tallies.values().stream().mapToDouble(Tally::flops).sum();
    }

    /** All bytes. */
    public double bytes() {
        return tallies.values().stream().mapToDouble(Tally::bytes).sum();
    }

    /** Whether calls go by uncounted from now on: counting takes about a microsecond a call, which the small calls of generation feel. */
    public void pause(boolean on) {
        pausing = on;
    }

    /** Forgets everything. */
    public void reset() {
        tallies.clear();
    }

    private @Nullable Object call(Kernels kernels, int together, Method method, Object @Nullable [] arguments)
            throws Throwable {
        long start = System.nanoTime();
        Object result;
        try {
            result = method.invoke(kernels, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
        long elapsed = System.nanoTime() - start;
        if (!pausing && arguments != null && arguments.length > 0 && takesTensor(arguments)) {
            KernelWork work = KernelWork.of(method.getName(), arguments);
            synchronized (tallies) {
                tallies.computeIfAbsent(work.label(), label -> new Tally(work.product()))
                        .add(elapsed / together, work);
            }
        }
        return result;
    }

    private static boolean takesTensor(Object[] arguments) {
        for (Object argument : arguments) {
            if (argument instanceof Tensor) {
                return true;
            }
        }
        return false;
    }
}
