package io.github.rlhf4j.core.grammar;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A deterministic automaton over characters without dead ends: from every state an accepting one is reached, unless it {@link #isEmpty}. State 0 is the start. */
final class Dfa {
    /** No text at all. */
    static final Dfa NOTHING = new Dfa(new int[1][0], new BitSet());

    private final int[][] edges; // by state: first, last, to, first, last, to, ...; sorted, apart
    private final BitSet accepting;

    private Dfa(int[][] edges, BitSet accepting) {
        this.edges = edges;
        this.accepting = accepting;
    }

    /** Of an expression that is the whole text, as {@link Determination} makes it. */
    static Dfa of(Regex regex, String what) {
        return new Determination(new Nfa(regex, what), what).run();
    }

    /** Without what leads nowhere. */
    static Dfa trimmed(List<int[]> edges, BitSet accepting) {
        int count = edges.size();
        List<List<Integer>> sources = new ArrayList<>();
        edges.forEach(ignored -> sources.add(new ArrayList<>()));
        for (int state = 0; state < count; state++) {
            int[] of = edges.get(state);
            for (int i = 2; i < of.length; i += 3) {
                sources.get(of[i]).add(state);
            }
        }
        BitSet live = (BitSet) accepting.clone();
        ArrayDeque<Integer> open = new ArrayDeque<>();
        accepting.stream().forEach(open::add);
        while (!open.isEmpty()) {
            for (int source : sources.get(open.remove())) {
                if (!live.get(source)) {
                    live.set(source);
                    open.add(source);
                }
            }
        }
        return kept(edges, accepting, live);
    }

    private static Dfa kept(List<int[]> edges, BitSet accepting, BitSet live) {
        int[] numbers = new int[edges.size()];
        int next = 1;
        for (int state = 1; state < numbers.length; state++) {
            numbers[state] = live.get(state) ? next++ : -1;
        }
        int[][] kept = new int[next][];
        BitSet ends = new BitSet();
        for (int state = 0; state < numbers.length; state++) {
            if (state == 0 || live.get(state)) {
                kept[numbers[state]] = kept(edges.get(state), live, numbers);
                ends.set(numbers[state], accepting.get(state));
            }
        }
        return new Dfa(kept, ends);
    }

    private static int[] kept(int[] of, BitSet live, int[] numbers) {
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < of.length; i += 3) {
            if (live.get(of[i + 2])) {
                kept.addAll(List.of(of[i], of[i + 1], numbers[of[i + 2]]));
            }
        }
        return kept.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Whether no text at all is in it. */
    boolean isEmpty() {
        return edges[0].length == 0 && !accepting.get(0);
    }

    int size() {
        return edges.length;
    }

    /** First character, last character and target, one after the other, of a state's edges. */
    int[] edges(int state) {
        return edges[state];
    }

    boolean isAccepting(int state) {
        return accepting.get(state);
    }

    boolean accepts(String text) {
        int state = 0;
        for (int c : text.codePoints().toArray()) {
            state = next(state, c);
            if (state < 0) {
                return false;
            }
        }
        return accepting.get(state);
    }

    private int next(int state, int c) {
        int[] of = edges[state];
        for (int i = 0; i < of.length; i += 3) {
            if (c >= of[i] && c <= of[i + 1]) {
                return of[i + 2];
            }
        }
        return -1;
    }

    /** The texts of both. */
    Dfa and(Dfa other, String what) {
        Map<Long, Integer> numbers = new HashMap<>(); // looked up only
        List<long[]> pairs = new ArrayList<>();
        List<int[]> made = new ArrayList<>();
        BitSet ends = new BitSet();
        numbers.put(0L, 0);
        pairs.add(new long[] {0, 0});
        for (int i = 0; i < pairs.size(); i++) {
            if (i > Determination.MOST_STATES) {
                throw Determination.tooLarge(what);
            }
            int mine = (int) pairs.get(i)[0];
            int its = (int) pairs.get(i)[1];
            ends.set(i, accepting.get(mine) && other.accepting.get(its));
            List<Integer> of = new ArrayList<>();
            int[] a = edges[mine];
            int[] b = other.edges[its];
            int p = 0;
            int q = 0;
            while (p < a.length && q < b.length) {
                int first = Math.max(a[p], b[q]);
                int last = Math.min(a[p + 1], b[q + 1]);
                if (first <= last) {
                    long key = (long) a[p + 2] << 32 | b[q + 2];
                    Integer number = numbers.get(key);
                    if (number == null) {
                        number = pairs.size();
                        numbers.put(key, number);
                        pairs.add(new long[] {a[p + 2], b[q + 2]});
                    }
                    of.addAll(List.of(first, last, number));
                }
                if (a[p + 1] < b[q + 1]) {
                    p += 3;
                } else {
                    q += 3;
                }
            }
            made.add(of.stream().mapToInt(Integer::intValue).toArray());
        }
        return trimmed(made, ends);
    }

    /** The texts of either; the two begin with different characters. */
    Dfa or(Dfa other) {
        List<int[]> made = new ArrayList<>();
        BitSet ends = new BitSet();
        int[] mine = shifted(edges[0], 0);
        int[] its = shifted(other.edges[0], size());
        int[] both = Arrays.copyOf(mine, mine.length + its.length);
        System.arraycopy(its, 0, both, mine.length, its.length);
        made.add(both);
        ends.set(0, accepting.get(0) || other.accepting.get(0));
        for (int state = 1; state < size(); state++) {
            made.add(edges[state]);
            ends.set(state, accepting.get(state));
        }
        for (int state = 0; state < other.size(); state++) {
            made.add(shifted(other.edges[state], size()));
            ends.set(size() + state, other.accepting.get(state));
        }
        return trimmed(made, ends);
    }

    private static int[] shifted(int[] of, int by) {
        int[] moved = of.clone();
        for (int i = 2; i < moved.length; i += 3) {
            moved[i] += by;
        }
        return moved;
    }

    /** Its texts, each after a character. */
    Dfa after(int c) {
        List<int[]> made = new ArrayList<>();
        BitSet ends = new BitSet();
        made.add(new int[] {c, c, 1});
        for (int state = 0; state < size(); state++) {
            made.add(shifted(edges[state], 1));
            ends.set(state + 1, accepting.get(state));
        }
        return trimmed(made, ends);
    }

    /** All other texts. */
    Dfa not() {
        int sink = edges.length;
        List<int[]> made = new ArrayList<>();
        BitSet ends = new BitSet();
        for (int state = 0; state < sink; state++) {
            ends.set(state, !accepting.get(state));
            made.add(completed(edges[state], sink));
        }
        ends.set(sink);
        made.add(completed(new int[0], sink));
        return trimmed(made, ends);
    }

    private static int[] completed(int[] of, int sink) {
        List<Integer> all = new ArrayList<>();
        int next = 0;
        for (int i = 0; i < of.length; i += 3) {
            gap(all, next, of[i] - 1, sink);
            all.addAll(List.of(of[i], of[i + 1], of[i + 2]));
            next = of[i + 1] + 1;
        }
        gap(all, next, CodePoints.MAX, sink);
        return all.stream().mapToInt(Integer::intValue).toArray();
    }

    private static void gap(List<Integer> all, int first, int last, int sink) {
        if (first <= last) {
            CodePoints rest = CodePoints.of(first, last);
            for (int i = 0; i < rest.count(); i++) {
                all.addAll(List.of(rest.first(i), rest.last(i), sink));
            }
        }
    }

    /** The error of a language without any text. */
    static UserError empty(String what) {
        return new UserError(what + " matches no text at all");
    }
}
