package io.github.rlhf4j.cli;

import io.github.rlhf4j.core.kernels.CpuKernels;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.KernelsBinder;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Locale;
import java.util.function.IntConsumer;

/** Kernels with a forced number of lanes, whose turns come in a forced order: what chance does on a machine with so many processors. */
final class LaneKernels {
    private LaneKernels() {}

    /** Which lane comes when. */
    enum Order {
        FIRST_TO_LAST {
            @Override
            int lane(int turn, int lanes) {
                return turn;
            }
        },
        LAST_TO_FIRST {
            @Override
            int lane(int turn, int lanes) {
                return lanes - 1 - turn;
            }
        };

        abstract int lane(int turn, int lanes);
    }

    /** Binds {@code lanes-3-last_to_first} and the like, and {@code lanes-3} with the threads of the command line. */
    static void bind(KernelsBinder binder) {
        for (int lanes : new int[] {1, 2, 3, 8}) {
            binder.bind("lanes-" + lanes, threads -> new CpuKernels(threads, lanes));
            for (Order order : Order.values()) {
                binder.bind(name(lanes, order), threads -> inOrder(new CpuKernels(1, lanes), order));
            }
        }
    }

    static String name(int lanes, Order order) {
        return "lanes-" + lanes + "-" + order.name().toLowerCase(Locale.ROOT);
    }

    private static Kernels inOrder(Kernels kernels, Order order) {
        return (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("together")) {
                        int lanes = (Integer) arguments[0];
                        IntConsumer task = (IntConsumer) arguments[1];
                        for (int turn = 0; turn < lanes; turn++) {
                            task.accept(order.lane(turn, lanes));
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
