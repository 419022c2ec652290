package io.github.rlhf4j.lab.recurrent;

import java.lang.ref.ReferenceQueue;
import java.util.Map;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.nd4j.linalg.api.memory.deallocation.DeallocatableReference;
import org.nd4j.linalg.api.memory.deallocation.DeallocatorService;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Frees arrays that nobody refers to between computations, and not at any time.
 *
 * <p>ND4J 1.0.0-M2.1 frees them in threads of its own, as soon as the garbage collector has found them. An operation's own arrays, such as the dimensions of a broadcast, are unreachable once compiled code has read their address: now and
 * then they are freed before the native code has used them, and the JVM dies (after a minute of small steps, on a busy machine). So those threads are stopped, and their work is done here when no computation is under way.
 */
final class UnusedArrays {
    /** Computations between two rounds; some megabytes wait meanwhile. */
    private static final int ROUND = 8;

    private static final UnusedArrays OF_THIS_PROCESS = new UnusedArrays(Nd4j.getDeallocatorService());

    private final ReentrantReadWriteLock lock =
            new ReentrantReadWriteLock(true); // fair, so that a round waits for one computation only
    private final ReferenceQueue<?>[] queues;
    private final Map<?, ?> references;
    private int computations; // guarded by this

    private UnusedArrays(DeallocatorService service) {
        queues = field(service, "queues", ReferenceQueue[].class);
        references = field(service, "referenceMap", Map.class);
        for (Thread thread : field(service, "deallocatorThreads", Thread[].class)) {
            thread.interrupt(); // ends it
        }
    }

    private static <T> T field(DeallocatorService service, String name, Class<T> type) {
        try {
            var field = DeallocatorService.class.getDeclaredField(name);
            field.setAccessible(true);
            return type.cast(field.get(service));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this is not the ND4J that was tested", e);
        }
    }

    /** Computes with ND4J. Calls may not be nested. */
    static <T> T during(Supplier<T> computation) {
        return OF_THIS_PROCESS.compute(computation);
    }

    private <T> T compute(Supplier<T> computation) {
        lock.readLock().lock();
        try {
            return computation.get();
        } finally {
            lock.readLock().unlock();
            if (isTime()) {
                free();
            }
        }
    }

    private synchronized boolean isTime() {
        computations = (computations + 1) % ROUND;
        return computations == 0;
    }

    private void free() {
        lock.writeLock().lock();
        try {
            for (ReferenceQueue<?> queue : queues) {
                for (Object found = queue.poll(); found != null; found = queue.poll()) {
                    DeallocatableReference unused = (DeallocatableReference) found;
                    unused.getDeallocator().deallocate();
                    references.remove(unused.getId());
                }
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
