package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.cluster.Chunks;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Gives the examples of rows, in the order of the rows. */
final class RowExamples {
    /** What threads make together before it is given: memory holds no more. */
    private static final int ROWS_OF_A_THREAD = 256;

    private static final long BYTES_OF_A_THREAD = 1 << 20;

    /** So that the last to end does not end much later. */
    private static final int PIECES_OF_A_THREAD = 4;

    private final RecordSet<?> records;
    private final RowTokens tokens;
    private final Taker taker;
    private long row; // the next

    /** Takes the example of a row that is not left out. */
    interface Taker {
        void take(long row, RowExample example);
    }

    /** @param tokens makes what this process makes */
    RowExamples(RecordSet<?> records, RowTokens tokens, Taker taker) {
        this.records = records;
        this.tokens = tokens;
        this.taker = taker;
    }

    /** Makes all in this process. */
    void makeHere() {
        for (long i = 0; i < records.size(); i++) {
            give(tokens.example(records.get(i)));
        }
    }

    /** Makes all in this process, by all threads of {@code kernels}; of rows with which something is wrong, the first is named. */
    void makeHere(Kernels kernels) {
        int threads = kernels.threads();
        if (threads == 1) {
            makeHere();
            return;
        }
        Iterator<byte[]> rows = records.storedFrom(0);
        while (rows.hasNext()) {
            List<byte[]> together = next(rows, threads);
            int count = Math.min(PIECES_OF_A_THREAD * threads, together.size());
            List<Piece> pieces = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int from = (int) ((long) i * together.size() / count);
                int end = (int) ((i + 1L) * together.size() / count);
                pieces.add(new Piece(together.subList(from, end)));
            }
            kernels.together(count, i -> pieces.get(i).make());
            pieces.forEach(piece -> give(piece.examples()));
        }
    }

    private static List<byte[]> next(Iterator<byte[]> rows, int threads) {
        List<byte[]> together = new ArrayList<>();
        long bytes = 0;
        while (rows.hasNext() && together.size() < ROWS_OF_A_THREAD * threads && bytes < BYTES_OF_A_THREAD * threads) {
            byte[] row = rows.next();
            together.add(row);
            bytes += row.length;
        }
        return together;
    }

    /** Rows for one thread. */
    private final class Piece {
        private final List<byte[]> stored;
        private @Nullable TokenizedRows examples;
        private @Nullable RuntimeException wrong;

        private Piece(List<byte[]> stored) {
            this.stored = stored;
        }

        private void make() {
            try {
                examples = tokens.afresh().all(records.kind(), stored);
            } catch (RuntimeException e) {
                wrong = e;
            }
        }

        private TokenizedRows examples() {
            if (wrong != null) {
                throw wrong;
            }
            return Objects.requireNonNull(examples);
        }
    }

    /**
     * Has all made by the workers of a cluster, or here where they are one chunk.
     *
     * @param tokenizer a {@link TravellingTokenizer} as bytes
     */
    void makeOn(Cluster cluster, Supplier<Blob> tokenizer) {
        Chunks<byte[]> chunks = new Chunks<>(records.storedFrom(0), stored -> stored.length, cluster);
        List<List<byte[]>> job = chunks.next();
        if (job.size() == 1) {
            job.get(0).forEach(stored -> give(tokens.example(RecordJson.fromStored(records.kind(), stored))));
            job = chunks.next();
        }
        if (job.isEmpty()) {
            return;
        }
        TokensTask task = new TokensTask(tokenizer.get(), records.kind(), tokens.rule());
        while (!job.isEmpty()) {
            cluster.map("tokens", job, task).forEach(this::give);
            job = chunks.next();
        }
    }

    private void give(TokenizedRows made) {
        tokens.counts().add(made.report());
        made.examples().forEach(this::give);
    }

    private void give(Optional<RowExample> example) {
        long of = row++;
        example.ifPresent(made -> taker.take(of, made));
    }
}
