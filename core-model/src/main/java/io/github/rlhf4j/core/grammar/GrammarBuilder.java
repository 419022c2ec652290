package io.github.rlhf4j.core.grammar;

import io.github.rlhf4j.core.UserError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes a {@link Grammar}: rules that are automata over bytes and may call each other. */
final class GrammarBuilder {
    private static final int MOST_STATES = 2_000_000;

    private final List<List<int[]>> byteEdges = new ArrayList<>(); // by state: first, last, to
    private final List<List<Integer>> jumps = new ArrayList<>(); // by state: where one is as well
    private final List<List<int[]>> calls = new ArrayList<>(); // by state: rule, to
    private final List<Integer> starts = new ArrayList<>();
    private final List<Integer> ends = new ArrayList<>();
    private final Map<String, Integer> characters = new HashMap<>(); // rules by spelling and set; looked up only
    private final String what;
    private final CodePoints writable;

    /**
     * @param what the whole is called in messages
     * @param writable characters that tokens can write; texts with others are left out
     */
    GrammarBuilder(String what, CodePoints writable) {
        this.what = what;
        this.writable = writable;
    }

    String what() {
        return what;
    }

    int state() {
        if (byteEdges.size() >= MOST_STATES) {
            throw new UserError(what + " is too large: its automaton has more than " + MOST_STATES
                    + " states; make its lengths and counts smaller");
        }
        byteEdges.add(new ArrayList<>(1));
        jumps.add(new ArrayList<>(0));
        calls.add(new ArrayList<>(0));
        return byteEdges.size() - 1;
    }

    /** A rule with a start and an end, and nothing between them yet. The first one is the whole text. */
    int rule() {
        starts.add(state());
        ends.add(state());
        return starts.size() - 1;
    }

    int start(int rule) {
        return starts.get(rule);
    }

    int end(int rule) {
        return ends.get(rule);
    }

    void bytes(int from, int first, int last, int to) {
        byteEdges.get(from).add(new int[] {first, last, to});
    }

    void jump(int from, int to) {
        jumps.get(from).add(to);
    }

    void call(int from, int rule, int to) {
        calls.get(from).add(new int[] {rule, to});
    }

    /** A text as it is; where it ends. */
    int text(int from, String text) {
        if (!text.codePoints().allMatch(writable::contains)) {
            return state(); // nothing leads there
        }
        int at = from;
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            int next = state();
            bytes(at, value & 0xFF, value & 0xFF, next);
            at = next;
        }
        return at;
    }

    /** The texts of an automaton, each character written by {@code spelling}. */
    void embed(int from, Dfa dfa, Spelling spelling, int to) {
        int[] states = new int[dfa.size()];
        for (int i = 0; i < states.length; i++) {
            states[i] = state();
        }
        jump(from, states[0]);
        for (int i = 0; i < states.length; i++) {
            int[] edges = dfa.edges(i);
            Map<Integer, CodePoints> byTarget = new TreeMap<>();
            for (int k = 0; k < edges.length; k += 3) {
                byTarget.merge(edges[k + 2], CodePoints.of(edges[k], edges[k + 1]), CodePoints::or);
            }
            for (Map.Entry<Integer, CodePoints> edge : byTarget.entrySet()) {
                write(states[i], edge.getValue(), spelling, states[edge.getKey()]);
            }
            if (dfa.isAccepting(i)) {
                jump(states[i], to);
            }
        }
    }

    /** A character of a set; sets that take many states are rules, so that a long text of them stays small. */
    private void write(int from, CodePoints set, Spelling spelling, int to) {
        if (set.count() == 1 && set.last(0) < 0x80) {
            spelling.write(this, from, set, to);
            return;
        }
        int rule = characters.computeIfAbsent(spelling + " " + set, key -> {
            int made = rule();
            spelling.write(this, start(made), set, end(made));
            return made;
        });
        call(from, rule, to);
    }

    /** Any character of a set in UTF-8. Continuations that lead to the same place are shared. */
    void utf8(int from, CodePoints wanted, int to) {
        CodePoints set = writable == CodePoints.ALL ? wanted : wanted.and(writable);
        Map<List<Integer>, Integer> shared = new HashMap<>(); // looked up only
        for (int i = 0; i < set.count(); i++) {
            for (int[] sequence : Utf8Ranges.of(set.first(i), set.last(i))) {
                utf8(from, sequence, to, shared);
            }
        }
    }

    private void utf8(int from, int[] sequence, int to, Map<List<Integer>, Integer> shared) {
        int target = to;
        List<Integer> rest = new ArrayList<>();
        for (int i = sequence.length - 2; i > 0; i -= 2) {
            rest.add(sequence[i]);
            rest.add(sequence[i + 1]);
            int after = target;
            int first = sequence[i];
            int last = sequence[i + 1];
            target = shared.computeIfAbsent(List.copyOf(rest), key -> {
                int between = state();
                bytes(between, first, last, after);
                return between;
            });
        }
        bytes(from, sequence[0], sequence[1], target);
    }

    /** @throws UserError where no text is in it, or a rule calls itself before it has written anything */
    Grammar build() {
        int count = byteEdges.size();
        int[][] ofBytes = new int[count][];
        int[][] ofJumps = new int[count][];
        int[][] ofCalls = new int[count][];
        for (int i = 0; i < count; i++) {
            ofBytes[i] = flat(byteEdges.get(i));
            ofJumps[i] = jumps.get(i).stream().mapToInt(Integer::intValue).toArray();
            ofCalls[i] = flat(calls.get(i));
        }
        return new Grammar(
                what,
                ofBytes,
                ofJumps,
                ofCalls,
                starts.stream().mapToInt(Integer::intValue).toArray(),
                ends.stream().mapToInt(Integer::intValue).toArray());
    }

    private static int[] flat(List<int[]> parts) {
        return parts.stream().flatMapToInt(Arrays::stream).toArray();
    }
}
