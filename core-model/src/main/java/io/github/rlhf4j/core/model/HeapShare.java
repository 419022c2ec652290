package io.github.rlhf4j.core.model;

import java.util.concurrent.atomic.AtomicLong;

/** What copies of weights take of the heap, of all models of a process together. */
final class HeapShare {
    private static final int OF_ONE = 4; // a copy takes no more than this part of the heap
    private static final int OF_ALL = 2;

    private final long heap; // bytes
    private final AtomicLong taken = new AtomicLong();

    /** Of this process. */
    static final HeapShare PROCESS = new HeapShare(Runtime.getRuntime().maxMemory());

    HeapShare(long heap) {
        this.heap = heap;
    }

    /** Whether a copy of so many bytes may be on the heap: its place is then taken, until it is given back. */
    boolean take(long bytes) {
        if (bytes > heap / OF_ONE) {
            return false;
        }
        if (taken.addAndGet(bytes) > heap / OF_ALL) {
            taken.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }
}
