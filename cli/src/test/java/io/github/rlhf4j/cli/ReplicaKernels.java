package io.github.rlhf4j.cli;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.KernelsBinder;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Locale;
import java.util.function.IntConsumer;

/** Kernels with a forced number of replicas, whose turns come in a forced order: what chance does on a machine with so many processors. */
final class ReplicaKernels {
    private ReplicaKernels() {}

    /** Which replica comes when. */
    enum Order {
        FIRST_TO_LAST {
            @Override
            int replica(int turn, int replicas) {
                return turn;
            }
        },
        LAST_TO_FIRST {
            @Override
            int replica(int turn, int replicas) {
                return replicas - 1 - turn;
            }
        };

        abstract int replica(int turn, int replicas);
    }

    /** Binds {@code replicas-3-last_to_first} and the like, and {@code replicas-3} with the threads of the command line. */
    static void bind(KernelsBinder binder) {
        for (int replicas : new int[] {1, 2, 3, 8}) {
            binder.bind("replicas-" + replicas, threads -> new CpuKernels(threads, replicas));
            for (Order order : Order.values()) {
                binder.bind(name(replicas, order), threads -> inOrder(new CpuKernels(1, replicas), order));
            }
        }
    }

    static String name(int replicas, Order order) {
        return "replicas-" + replicas + "-" + order.name().toLowerCase(Locale.ROOT);
    }

    private static Kernels inOrder(Kernels kernels, Order order) {
        return (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("together")) {
                        int replicas = (Integer) arguments[0];
                        IntConsumer task = (IntConsumer) arguments[1];
                        for (int turn = 0; turn < replicas; turn++) {
                            task.accept(order.replica(turn, replicas));
                        }
                        return null;
                    }
                    try {
                        return method.invoke(kernels, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
