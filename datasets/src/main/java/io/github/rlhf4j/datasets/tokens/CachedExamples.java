package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.train.Examples;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Tokenised examples read from the cache on disk: memory is constant in their number. Reading is safe from several threads.
 *
 * @param <T> the example
 */
public final class CachedExamples<T> implements Examples<T> {
    private final ExampleFormat<T> format;
    private final MappedFile tokens;
    private final MappedFile index;
    private final MappedFile prompts;
    private final TokenizationReport report;
    private Optional<String> warning = Optional.empty();
    private Optional<Function<long[], List<Map<String, Object>>>> rows = Optional.empty();

    CachedExamples(
            ExampleFormat<T> format,
            MappedFile tokens,
            MappedFile index,
            MappedFile prompts,
            TokenizationReport report) {
        this.format = format;
        this.tokens = tokens;
        this.index = index;
        this.prompts = prompts;
        this.report = report;
    }

    /** The same, with what is to be said about the entry. */
    CachedExamples<T> madeAgain(String warning) {
        CachedExamples<T> same = new CachedExamples<>(format, tokens, index, prompts, report);
        same.warning = Optional.of(warning);
        return same;
    }

    /** Says what the rows are that the examples were made of, from now on: asked with their positions in the record set. */
    public void describeBy(Function<long[], List<Map<String, Object>>> newRows) {
        rows = Optional.of(newRows);
    }

    @Override
    public List<Map<String, Object>> describe(long[] indices) {
        return rows.map(known ->
                        known.apply(Arrays.stream(indices).map(this::sourceRow).toArray()))
                .orElseGet(() -> Examples.super.describe(indices));
    }

    /** That a damaged entry was found, where that was so. */
    public Optional<String> warning() {
        return warning;
    }

    /** What happened while they were made, now or in an earlier run. */
    public TokenizationReport report() {
        return report;
    }

    /**
     * How many rows have a prompt (of texts: a text) that a row of {@code others} has too, by 64 bits of a hash. Takes 8 bytes for each row of this.
     */
    public long rowsAlsoIn(CachedExamples<?> others) {
        long[] own = new long[Math.toIntExact(prompts.size() / Long.BYTES)];
        for (int i = 0; i < own.length; i++) {
            own[i] = prompts.at((long) i * Long.BYTES).getLong();
        }
        Arrays.sort(own);
        BitSet found = new BitSet(own.length);
        for (long at = 0; at < others.prompts.size(); at += Long.BYTES) {
            int index = Arrays.binarySearch(own, others.prompts.at(at).getLong());
            if (index >= 0) {
                found.set(index);
            }
        }
        long count = 0;
        for (int from = 0, to; from < own.length; from = to) {
            to = from + 1;
            while (to < own.length && own[to] == own[from]) {
                to++;
            }
            int hit = found.nextSetBit(from);
            count += hit >= 0 && hit < to ? to - from : 0;
        }
        return count;
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
