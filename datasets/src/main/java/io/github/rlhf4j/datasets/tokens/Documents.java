package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Documents with their tokens, one after the other, which the workers of a cluster make in chunks of at most {@value #CHUNK_ROWS} documents and about {@value #CHUNK_CHARACTERS} characters. */
final class Documents {
    private static final int CHUNK_ROWS = 1_000;
    private static final int CHUNK_CHARACTERS = 1 << 20;
    private static final int CHUNKS_OF_A_PIECE = 2;

    private final RecordSet<TextRecord> rows;
    private final Cluster cluster;
    private final DocumentTask task;
    private final Deque<Document> ready = new ArrayDeque<>();
    private long next; // row

    /** A document with its tokens. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Document(TextRecord row, int[] ids) {}

    Documents(RecordSet<TextRecord> rows, Cluster cluster, DocumentTask task) {
        this.rows = rows;
        this.cluster = cluster;
        this.task = task;
    }

    /** The next one; there must be one. */
    Document next() {
        if (ready.isEmpty()) {
            make();
        }
        return ready.remove();
    }

    private void make() {
        List<List<TextRecord>> chunks = new ArrayList<>();
        while (next < rows.size() && chunks.size() < CHUNKS_OF_A_PIECE * cluster.pieces()) {
            chunks.add(chunk());
        }
        List<List<int[]>> ids = cluster.map(
                "tokens",
                chunks.stream()
                        .map(chunk -> chunk.stream().map(TextRecord::text).toList())
                        .toList(),
                task);
        for (int chunk = 0; chunk < chunks.size(); chunk++) {
            for (int i = 0; i < chunks.get(chunk).size(); i++) {
                ready.add(new Document(chunks.get(chunk).get(i), ids.get(chunk).get(i)));
            }
        }
    }

    private List<TextRecord> chunk() {
        List<TextRecord> chunk = new ArrayList<>();
        long characters = 0;
        while (next < rows.size() && chunk.size() < CHUNK_ROWS && characters < CHUNK_CHARACTERS) {
            TextRecord row = rows.get(next++);
            chunk.add(row);
            characters += row.text().length();
        }
        return chunk;
    }
}
