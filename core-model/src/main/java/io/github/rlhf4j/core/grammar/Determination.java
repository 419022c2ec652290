package io.github.rlhf4j.core.grammar;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The construction of subsets. The start is a state of its own, since only there the beginning of a text is. */
final class Determination {
    static final int MOST_STATES = 100_000;

    private final Nfa nfa;
    private final String what;
    private final Map<Subset, Integer> numbers = new HashMap<>(); // looked up only
    private final List<int[]> subsets = new ArrayList<>();

    @SuppressWarnings("ArrayRecordComponent")
    private record Subset(int[] states) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Subset subset && Arrays.equals(states, subset.states);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(states);
        }
    }

    Determination(Nfa nfa, String what) {
        this.nfa = nfa;
        this.what = what;
    }

    static UserError tooLarge(String what) {
        return new UserError(what + " is too large: its automaton has more than " + MOST_STATES
                + " states; make it simpler, or its repetitions smaller");
    }

    Dfa run() {
        List<int[]> edges = new ArrayList<>();
        BitSet accepting = new BitSet();
        subsets.add(closure(new int[] {0}, true, false));
        for (int i = 0; i < subsets.size(); i++) {
            if (i > MOST_STATES) {
                throw tooLarge(what);
            }
            int[] states = subsets.get(i);
            int[] atEnd = closure(states, i == 0, true);
            accepting.set(i, Arrays.binarySearch(atEnd, nfa.end()) >= 0);
            edges.add(edges(states));
        }
        return Dfa.trimmed(edges, accepting);
    }

    private int[] closure(int[] from, boolean isStart, boolean isEnd) {
        BitSet seen = new BitSet();
        ArrayDeque<Integer> open = new ArrayDeque<>();
        for (int state : from) {
            seen.set(state);
            open.add(state);
        }
        while (!open.isEmpty()) {
            for (Nfa.Edge edge : nfa.edges(open.remove())) {
                boolean isOpen = switch (edge.kind()) {
                    case CHARACTER -> false;
                    case NOTHING -> true;
                    case AT_START -> isStart;
                    case AT_END -> isEnd;
                };
                if (isOpen && !seen.get(edge.to())) {
                    seen.set(edge.to());
                    open.add(edge.to());
                }
            }
        }
        return seen.stream().toArray();
    }

    /** For each stretch of characters that all edges treat alike, where it leads. */
    private int[] edges(int[] states) {
        TreeMap<Integer, List<int[]>> begins = new TreeMap<>(); // by first character: [end, target]
        TreeMap<Integer, List<int[]>> ends = new TreeMap<>(); // by the character after the last
        for (int state : states) {
            for (Nfa.Edge edge : nfa.edges(state)) {
                for (int i = 0; i < edge.of().count(); i++) {
                    int[] range = {edge.to()};
                    begins.computeIfAbsent(edge.of().first(i), key -> new ArrayList<>())
                            .add(range);
                    ends.computeIfAbsent(edge.of().last(i) + 1, key -> new ArrayList<>())
                            .add(range);
                }
            }
        }
        List<Integer> cuts = new ArrayList<>(begins.keySet());
        cuts.addAll(ends.keySet());
        int[] sorted =
                cuts.stream().mapToInt(Integer::intValue).sorted().distinct().toArray();
        TreeMap<Integer, Integer> active = new TreeMap<>(); // targets, how many edges lead there
        List<Integer> made = new ArrayList<>();
        for (int i = 0; i + 1 < sorted.length; i++) {
            ends.getOrDefault(sorted[i], List.of())
                    .forEach(range -> active.merge(range[0], -1, (a, b) -> a + b == 0 ? null : a + b));
            begins.getOrDefault(sorted[i], List.of()).forEach(range -> active.merge(range[0], 1, Integer::sum));
            if (!active.isEmpty()) {
                int[] targets =
                        active.keySet().stream().mapToInt(Integer::intValue).toArray();
                add(made, sorted[i], sorted[i + 1] - 1, number(targets));
            }
        }
        return made.stream().mapToInt(Integer::intValue).toArray();
    }

    private static void add(List<Integer> made, int first, int last, int target) {
        int size = made.size();
        if (size > 0 && made.get(size - 1) == target && made.get(size - 2) == first - 1) {
            made.set(size - 2, last);
        } else {
            made.addAll(List.of(first, last, target));
        }
    }

    private int number(int[] targets) {
        int[] states = closure(targets, false, false);
        return numbers.computeIfAbsent(new Subset(states), key -> {
            subsets.add(states);
            return subsets.size() - 1;
        });
    }
}
