package io.github.rlhf4j.core.grammar;

import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.List;

/** Thompson's automaton of a regular expression, over characters. State 0 is the start. */
final class Nfa {
    private static final int MOST_STATES = 400_000;

    private final List<List<Edge>> edges = new ArrayList<>();
    private final String what;
    private final int end;

    /** Where one leads: by a character of a set, or by none, perhaps only at the beginning or the end of a text. */
    record Edge(Kind kind, CodePoints of, int to) {}

    /** What an edge needs. */
    enum Kind {
        CHARACTER,
        NOTHING,
        AT_START,
        AT_END
    }

    /**
     * Of an expression that is the whole text.
     *
     * @param what it is called in messages
     */
    Nfa(Regex regex, String what) {
        this.what = what;
        int start = state();
        end = build(regex, start);
    }

    int size() {
        return edges.size();
    }

    List<Edge> edges(int state) {
        return edges.get(state);
    }

    int end() {
        return end;
    }

    private int state() {
        if (edges.size() >= MOST_STATES) {
            throw new UserError(what + " is too large: its automaton has more than " + MOST_STATES
                    + " states; make its repetitions smaller");
        }
        edges.add(new ArrayList<>(2));
        return edges.size() - 1;
    }

    private void edge(int from, Kind kind, int to) {
        edges.get(from).add(new Edge(kind, CodePoints.NONE, to));
    }

    /** Builds from a state on; where it ends. */
    private int build(Regex regex, int from) {
        if (regex instanceof Regex.One one) {
            int to = state();
            edges.get(from).add(new Edge(Kind.CHARACTER, one.of(), to));
            return to;
        }
        if (regex instanceof Regex.Sequence sequence) {
            int at = from;
            for (Regex part : sequence.parts()) {
                at = build(part, at);
            }
            return at;
        }
        if (regex instanceof Regex.Either either) {
            int to = state();
            for (Regex option : either.options()) {
                int begin = state();
                edge(from, Kind.NOTHING, begin);
                edge(build(option, begin), Kind.NOTHING, to);
            }
            return to;
        }
        if (regex instanceof Regex.Repeat repeat) {
            return repeat(repeat, from);
        }
        int to = state();
        edge(from, ((Regex.Edge) regex).isEnd() ? Kind.AT_END : Kind.AT_START, to);
        return to;
    }

    private int repeat(Regex.Repeat repeat, int from) {
        int at = from;
        for (int i = 0; i < repeat.least(); i++) {
            at = build(repeat.part(), at);
        }
        if (repeat.most() == Regex.Repeat.UNBOUNDED) {
            int loop = state();
            edge(at, Kind.NOTHING, loop);
            edge(build(repeat.part(), loop), Kind.NOTHING, loop);
            int to = state();
            edge(loop, Kind.NOTHING, to);
            return to;
        }
        int to = state();
        edge(at, Kind.NOTHING, to);
        for (int i = repeat.least(); i < repeat.most(); i++) {
            at = build(repeat.part(), at);
            edge(at, Kind.NOTHING, to);
        }
        return to;
    }
}
