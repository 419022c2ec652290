package io.github.rlhf4j.core.grammar;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The tokens of a vocabulary by their bytes, in the order in which a walk through the tree of their beginnings meets them. */
final class TokenTrie implements Serializable {
    private static final long serialVersionUID = 1;

    private final byte[] bytes; // of each node: what leads to it
    private final int[] depths; // of each node: 1 for a single byte
    private final int[] after; // of each node: the first that is not below it
    private final int[] firstToken; // of each node and one more: where its tokens begin
    private final int[] tokens;
    private final int deepest;

    /** @param byteStrings by id; empty for ids that write nothing */
    TokenTrie(byte[][] byteStrings) {
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < byteStrings.length; id++) {
            if (byteStrings[id].length > 0) {
                ids.add(id);
            }
        }
        ids.sort(Comparator.<Integer, byte[]>comparing(id -> byteStrings[id], Arrays::compareUnsigned)
                .thenComparingInt(id -> id));
        int most = ids.stream().mapToInt(id -> byteStrings[id].length).sum();
        byte[] nodeBytes = new byte[most];
        int[] nodeDepths = new int[most];
        int[] nodeFirst = new int[most + 1];
        int nodes = 0;
        int placed = 0;
        byte[] last = {};
        for (int id : ids) {
            byte[] now = byteStrings[id];
            int shared = Math.max(0, Arrays.mismatch(last, now));
            shared = Arrays.equals(last, now) ? now.length : shared;
            for (int depth = shared; depth < now.length; depth++) {
                nodeBytes[nodes] = now[depth];
                nodeDepths[nodes] = depth + 1;
                nodeFirst[nodes++] = placed;
            }
            placed++;
            last = now;
        }
        nodeFirst[nodes] = placed;
        bytes = Arrays.copyOf(nodeBytes, nodes);
        depths = Arrays.copyOf(nodeDepths, nodes);
        firstToken = Arrays.copyOf(nodeFirst, nodes + 1);
        tokens = ids.stream().mapToInt(Integer::intValue).toArray();
        deepest = Arrays.stream(depths).max().orElse(0);
        after = new int[nodes];
        int[] nextAt = new int[deepest + 2]; // by depth: the nearest later node of at most that depth
        Arrays.fill(nextAt, nodes);
        for (int node = nodes - 1; node >= 0; node--) {
            after[node] = nextAt[depths[node]];
            Arrays.fill(nextAt, depths[node], deepest + 2, node);
        }
    }

    /** Takes the tokens that can come at a place, with the place after each. */
    interface Taker {
        void take(int id, Places.Place then);
    }

    void walk(Places.Place from, Taker taker) {
        Places.Place[] path = new Places.Place[deepest + 1];
        path[0] = from;
        int node = 0;
        while (node < bytes.length) {
            Places.Place then = path[depths[node] - 1].next(bytes[node] & 0xFF);
            if (then == null) {
                node = after[node];
                continue;
            }
            path[depths[node]] = then;
            for (int i = firstToken[node]; i < firstToken[node + 1]; i++) {
                taker.take(tokens[i], then);
            }
            node++;
        }
    }
}
