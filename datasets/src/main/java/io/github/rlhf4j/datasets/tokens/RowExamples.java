package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.cluster.Chunks;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.wire.Blob;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Gives the examples of rows, in the order of the rows. */
final class RowExamples {
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
            for (TokenizedRows made : cluster.map("tokens", job, task)) {
                tokens.counts().add(made.report());
                made.examples().forEach(this::give);
            }
            job = chunks.next();
        }
    }

    private void give(Optional<RowExample> example) {
        long of = row++;
        example.ifPresent(made -> taker.take(of, made));
    }
}
