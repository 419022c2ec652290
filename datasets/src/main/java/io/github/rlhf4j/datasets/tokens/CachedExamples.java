package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.train.Examples;
import java.nio.ByteBuffer;

/**
 * Tokenised examples read from the cache on disk: memory is constant in their number. Reading is safe from several threads.
 *
 * @param <T> the example
 */
public final class CachedExamples<T> implements Examples<T> {
    private final ExampleFormat<T> format;
    private final MappedFile tokens;
    private final MappedFile index;
    private final TokenizationReport report;

    CachedExamples(ExampleFormat<T> format, MappedFile tokens, MappedFile index, TokenizationReport report) {
        this.format = format;
        this.tokens = tokens;
        this.index = index;
        this.report = report;
    }

    /** What happened while they were made, now or in an earlier run. */
    public TokenizationReport report() {
        return report;
    }

    @Override
    public long size() {
        return index.size() / Long.BYTES;
    }

    @Override
    public T get(long i) {
        ByteBuffer bytes = at(i);
        bytes.getLong(); // the row
        int[][] parts = new int[bytes.getInt()][];
        for (int p = 0; p < parts.length; p++) {
            parts[p] = new int[bytes.getInt()];
        }
        for (int[] part : parts) {
            bytes.asIntBuffer().get(part);
            bytes.position(bytes.position() + part.length * Integer.BYTES);
        }
        return format.example(parts);
    }

    /** The position in the record set of the record that example {@code i} was made of; of a window the first document's. */
    public long sourceRow(long i) {
        return at(i).getLong();
    }

    private ByteBuffer at(long i) {
        if (i < 0 || i >= size()) {
            throw new IndexOutOfBoundsException("example " + i + " of " + size());
        }
        return tokens.at(index.at(i * Long.BYTES).getLong());
    }
}
