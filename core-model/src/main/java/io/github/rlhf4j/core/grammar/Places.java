package io.github.rlhf4j.core.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The places in texts of a grammar, found as they are first needed and kept: a deterministic automaton with as many states as texts so far have led to. A place is a set of states of rules, each with the rules
 * that it returns to. Safe for use by several threads; what a place allows does not depend on which of them found it.
 */
final class Places {
    private final Grammar grammar;
    private final Map<Key, Place> known = new HashMap<>(); // looked up only
    private final Map<Long, Integer> stacks = new HashMap<>(); // looked up only: state to return to, rest
    private int[] returns = new int[64];
    private int[] rests = new int[64];
    private int[] costs = new int[64]; // bytes from there to the end of the text
    private int stackCount = 1; // 0 is the empty one
    private @Nullable Place start;

    Places(Grammar grammar) {
        this.grammar = grammar;
    }

    /** A place in a text. */
    final class Place {
        private final long[] threads; // state << 32 | stack, sorted
        private final boolean accepting;
        private final int toEnd;
        private final @Nullable Place[] next = new Place[256];
        private final byte[] isKnown = new byte[256];
        private volatile @Nullable Object attached;

        private Place(long[] threads, boolean accepting, int toEnd) {
            this.threads = threads;
            this.accepting = accepting;
            this.toEnd = toEnd;
        }

        /** Where a byte leads; null where it cannot come. */
        @Nullable
        Place next(int value) {
            Place there = next[value]; // a race at worst finds it again: positions are immutable
            if (there != null) {
                return there;
            }
            return isKnown[value] != 0 ? null : found(value);
        }

        private @Nullable Place found(int value) {
            Place there = step(threads, value);
            next[value] = there;
            if (there == null) {
                isKnown[value] = 1;
            }
            return there;
        }

        /** Whether the text may end here. */
        boolean isAccepting() {
            return accepting;
        }

        /** Whether nothing can follow. */
        boolean isFinal() {
            return threads.length == 0;
        }

        /** Fewest bytes to the end of the text. */
        int toEnd() {
            return toEnd;
        }

        @Nullable
        Object attached() {
            return attached;
        }

        void attach(Object value) {
            attached = value;
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Key(long[] threads, boolean accepting) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && accepting == key.accepting && Arrays.equals(threads, key.threads);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(threads) * 2 + (accepting ? 1 : 0);
        }
    }

    /** How many have been found. */
    synchronized int size() {
        return known.size();
    }

    synchronized Place start() {
        Place present = start;
        if (present == null) {
            List<Long> open = new ArrayList<>(List.of((long) grammar.start() << 32));
            present = closed(open);
            start = present;
        }
        return present;
    }

    private synchronized @Nullable Place step(long[] threads, int value) {
        List<Long> open = new ArrayList<>();
        for (long thread : threads) {
            int[] edges = grammar.bytes((int) (thread >>> 32));
            for (int i = 0; i < edges.length; i += 3) {
                if (value >= edges[i] && value <= edges[i + 1]) {
                    open.add((long) edges[i + 2] << 32 | thread & 0xFFFFFFFFL);
                }
            }
        }
        return open.isEmpty() ? null : closed(open);
    }

    private Place closed(List<Long> open) {
        Set<Long> seen = new HashSet<>(open); // contents are sorted before use
        List<Long> kept = new ArrayList<>();
        boolean accepting = false;
        int toEnd = Integer.MAX_VALUE;
        while (!open.isEmpty()) {
            long thread = open.remove(open.size() - 1);
            int state = (int) (thread >>> 32);
            int stack = (int) thread;
            toEnd = Math.min(toEnd, grammar.toEnd(state) + costs[stack]);
            if (grammar.bytes(state).length > 0) {
                kept.add(thread);
            }
            if (grammar.isEnd(state)) {
                if (stack == 0) {
                    accepting = true;
                } else {
                    add(returns[stack], rests[stack], seen, open);
                }
            }
            for (int to : grammar.jumps(state)) {
                add(to, stack, seen, open);
            }
            int[] calls = grammar.calls(state);
            for (int i = 0; i < calls.length; i += 2) {
                add(grammar.start(calls[i]), stack(calls[i + 1], stack), seen, open);
            }
        }
        long[] sorted = kept.stream().mapToLong(Long::longValue).sorted().toArray();
        boolean ends = accepting;
        int fewest = toEnd;
        return known.computeIfAbsent(new Key(sorted, accepting), key -> new Place(sorted, ends, fewest));
    }

    private static void add(int state, int stack, Set<Long> seen, List<Long> open) {
        long thread = (long) state << 32 | stack & 0xFFFFFFFFL;
        if (seen.add(thread)) {
            open.add(thread);
        }
    }

    private int stack(int back, int rest) {
        if (grammar.isEnd(back) && grammar.bytes(back).length == 0) {
            // a call in the last place needs no return of its own
            if (grammar.jumps(back).length == 0 && grammar.calls(back).length == 0) {
                return rest;
            }
        }
        long key = (long) back << 32 | rest & 0xFFFFFFFFL;
        Integer present = stacks.get(key);
        if (present != null) {
            return present;
        }
        if (stackCount == returns.length) {
            returns = Arrays.copyOf(returns, 2 * stackCount);
            rests = Arrays.copyOf(rests, 2 * stackCount);
            costs = Arrays.copyOf(costs, 2 * stackCount);
        }
        returns[stackCount] = back;
        rests[stackCount] = rest;
        costs[stackCount] = Math.min(Integer.MAX_VALUE / 4, grammar.toEnd(back) + costs[rest]);
        stacks.put(key, stackCount);
        return stackCount++;
    }
}
