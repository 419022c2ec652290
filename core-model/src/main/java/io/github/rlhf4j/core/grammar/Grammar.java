package io.github.rlhf4j.core.grammar;

import io.github.rlhf4j.core.UserError;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/** A language of bytes: automata, one a rule, that call each other, so that it nests as deep as a text does. From each of its states a text can be completed. */
public final class Grammar implements Serializable {
    private static final long serialVersionUID = 1;

    private static final int NEVER = Integer.MAX_VALUE;

    private final String what;
    private final int[][] byteEdges; // by state: first, last, to, ...
    private final int[][] jumps;
    private final int[][] calls; // by state: rule, to, ...
    private final int[] starts; // by rule
    private final boolean[] isEnd; // by state
    private final int[] toEnd; // fewest bytes from a state to the end of its rule

    Grammar(String what, int[][] byteEdges, int[][] jumps, int[][] calls, int[] starts, int[] ends) {
        this.what = what;
        this.byteEdges = byteEdges;
        this.jumps = jumps;
        this.calls = calls;
        this.starts = starts;
        this.isEnd = new boolean[byteEdges.length];
        for (int end : ends) {
            isEnd[end] = true;
        }
        this.toEnd = shortest();
        if (toEnd[starts[0]] == NEVER) {
            throw Dfa.empty(what);
        }
        prune();
        requireNoLeftRecursion();
    }

    private int[] shortest() {
        int[] least = new int[byteEdges.length];
        Arrays.fill(least, NEVER);
        for (int i = 0; i < least.length; i++) {
            least[i] = isEnd[i] ? 0 : NEVER;
        }
        boolean isChanged = true;
        while (isChanged) {
            isChanged = false;
            for (int state = least.length - 1; state >= 0; state--) {
                int best = shortest(state, least);
                if (best < least[state]) {
                    least[state] = best;
                    isChanged = true;
                }
            }
        }
        return least;
    }

    private int shortest(int state, int[] least) {
        int best = least[state];
        for (int i = 2; i < byteEdges[state].length; i += 3) {
            best = Math.min(best, plus(1, least[byteEdges[state][i]]));
        }
        for (int to : jumps[state]) {
            best = Math.min(best, least[to]);
        }
        for (int i = 0; i < calls[state].length; i += 2) {
            best = Math.min(best, plus(least[starts[calls[state][i]]], least[calls[state][i + 1]]));
        }
        return best;
    }

    private static int plus(int a, int b) {
        return a == NEVER || b == NEVER ? NEVER : Math.min(a + b, NEVER - 1_000_000);
    }

    /** Takes away what leads to no end. */
    private void prune() {
        for (int state = 0; state < toEnd.length; state++) {
            int[] edges = byteEdges[state];
            List<Integer> kept = new ArrayList<>();
            for (int i = 0; i < edges.length; i += 3) {
                if (toEnd[edges[i + 2]] != NEVER) {
                    kept.addAll(List.of(edges[i], edges[i + 1], edges[i + 2]));
                }
            }
            byteEdges[state] = array(kept);
            jumps[state] =
                    Arrays.stream(jumps[state]).filter(to -> toEnd[to] != NEVER).toArray();
            List<Integer> called = new ArrayList<>();
            for (int i = 0; i < calls[state].length; i += 2) {
                if (plus(toEnd[starts[calls[state][i]]], toEnd[calls[state][i + 1]]) != NEVER) {
                    called.addAll(List.of(calls[state][i], calls[state][i + 1]));
                }
            }
            calls[state] = array(called);
        }
    }

    private static int[] array(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    /** A rule that comes back to itself before a byte would be called without end. */
    private void requireNoLeftRecursion() {
        int[] state = new int[starts.length]; // 0 unseen, 1 under way, 2 done
        List<List<Integer>> first = new ArrayList<>();
        for (int start : starts) {
            first.add(calledFirst(start));
        }
        for (int rule = 0; rule < starts.length; rule++) {
            visit(rule, first, state);
        }
    }

    private void visit(int root, List<List<Integer>> first, int[] seen) {
        List<int[]> path = new ArrayList<>(); // rule, next of its calls
        path.add(new int[] {root, 0});
        while (!path.isEmpty()) {
            int[] top = path.get(path.size() - 1);
            seen[top[0]] = Math.max(seen[top[0]], 1);
            if (seen[top[0]] == 2 || top[1] == first.get(top[0]).size()) {
                seen[top[0]] = 2;
                path.remove(path.size() - 1);
                continue;
            }
            int called = first.get(top[0]).get(top[1]++);
            if (seen[called] == 1) {
                throw new UserError(what + " refers to itself without writing anything between, so it has no end");
            }
            if (seen[called] == 0) {
                path.add(new int[] {called, 0});
            }
        }
    }

    private List<Integer> calledFirst(int start) {
        List<Integer> open = new ArrayList<>(List.of(start));
        BitSet seen = new BitSet();
        List<Integer> called = new ArrayList<>();
        while (!open.isEmpty()) {
            int at = open.remove(open.size() - 1);
            if (seen.get(at)) {
                continue;
            }
            seen.set(at);
            Arrays.stream(jumps[at]).forEach(open::add);
            for (int i = 0; i < calls[at].length; i += 2) {
                called.add(calls[at][i]);
                if (toEnd[starts[calls[at][i]]] == 0) {
                    open.add(calls[at][i + 1]);
                }
            }
        }
        return called;
    }

    /** What it is called in messages. */
    String what() {
        return what;
    }

    int start() {
        return starts[0];
    }

    int start(int rule) {
        return starts[rule];
    }

    int[] bytes(int state) {
        return byteEdges[state];
    }

    int[] jumps(int state) {
        return jumps[state];
    }

    int[] calls(int state) {
        return calls[state];
    }

    boolean isEnd(int state) {
        return isEnd[state];
    }

    int toEnd(int state) {
        return toEnd[state];
    }

    /** Whether a text is in the language. */
    public boolean accepts(String text) {
        Places.Place at = new Places(this).start();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            Places.Place next = at.next(value & 0xFF);
            if (next == null) {
                return false;
            }
            at = next;
        }
        return at.isAccepting();
    }
}
