package io.github.rlhf4j.datasets.tokens;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;

/**
 * Puts sequences into packs as TRL 1.16's {@code pack_dataset} does, a thousand rows at a time: best fit decreasing (Ding et al. 2024, arXiv:2404.10830), or end to end.
 *
 * <p>Deviates from TRL's {@code wrapped}: sequences of a pack do not see each other.
 */
final class SequencePacker {
    private static final int ROWS_AT_ONCE = 1000; // of datasets.map

    private final int maxLength;
    private final PackingStrategy strategy;
    private final ObjLongConsumer<TokenizedPack> sink; // takes a pack and the row of its first sequence
    private final List<Piece> waiting = new ArrayList<>();
    private int rows;

    /** A sequence, or a part of one, and the row that it is of. */
    private record Piece(TokenizedSequence sequence, long row) {
        int length() {
            return sequence.ids().length;
        }

        /** Tokens {@code from .. to - 1}; nothing predicts the first. */
        Piece part(int from, int to) {
            boolean[] isTarget = Arrays.copyOfRange(sequence.isTarget(), from, to);
            isTarget[0] = false;
            return new Piece(new TokenizedSequence(Arrays.copyOfRange(sequence.ids(), from, to), isTarget), row);
        }
    }

    /** A pack that is being filled. */
    private static final class Bin {
        private final List<Piece> pieces = new ArrayList<>();
        private int length;

        private void add(Piece piece) {
            pieces.add(piece);
            length += piece.length();
        }
    }

    SequencePacker(int maxLength, PackingStrategy strategy, ObjLongConsumer<TokenizedPack> sink) {
        this.maxLength = maxLength;
        this.strategy = strategy;
        this.sink = sink;
    }

    void add(TokenizedSequence sequence, long row) {
        waiting.add(new Piece(sequence, row));
        if (++rows == ROWS_AT_ONCE) {
            flush();
        }
    }

    /** Hands on what waits. */
    void flush() {
        List<Bin> bins = strategy == PackingStrategy.WRAPPED ? wrapped() : bestFit();
        bins.forEach(bin -> sink.accept(
                TokenizedPack.of(bin.pieces.stream().map(Piece::sequence).toList()),
                bin.pieces.get(0).row()));
        waiting.clear();
        rows = 0;
    }

    private List<Bin> wrapped() {
        List<Bin> bins = new ArrayList<>();
        for (Piece piece : waiting) {
            for (int from = 0, to; from < piece.length(); from = to) {
                if (bins.isEmpty() || bins.get(bins.size() - 1).length == maxLength) {
                    bins.add(new Bin());
                }
                Bin last = bins.get(bins.size() - 1);
                to = Math.min(piece.length(), from + maxLength - last.length);
                last.add(piece.part(from, to));
            }
        }
        return bins;
    }

    /** The longest first, each into the pack with the least room that it fits into; of packs with equal room the one that has had it longest. */
    private List<Bin> bestFit() {
        List<Piece> pieces = new ArrayList<>();
        for (Piece piece : waiting) {
            for (int from = 0; from < piece.length(); from += maxLength) {
                pieces.add(piece.part(from, Math.min(piece.length(), from + maxLength)));
            }
        }
        pieces.sort(Comparator.comparingInt((Piece piece) -> -piece.length()));
        List<Bin> bins = new ArrayList<>();
        TreeMap<Integer, Deque<Bin>> byRoom = new TreeMap<>();
        for (Piece piece : pieces) {
            Map.Entry<Integer, Deque<Bin>> room = byRoom.ceilingEntry(piece.length());
            Bin bin = room == null ? new Bin() : room.getValue().remove();
            if (room == null) {
                bins.add(bin);
            } else if (room.getValue().isEmpty()) {
                byRoom.remove(room.getKey());
            }
            bin.add(piece);
            if (bin.length < maxLength) {
                byRoom.computeIfAbsent(maxLength - bin.length, key -> new ArrayDeque<>())
                        .add(bin);
            }
        }
        return bins;
    }
}
