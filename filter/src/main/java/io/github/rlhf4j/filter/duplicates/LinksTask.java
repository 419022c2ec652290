package io.github.rlhf4j.filter.duplicates;

import io.github.rlhf4j.core.cluster.Task;
import io.github.rlhf4j.core.cluster.Worker;
import java.util.stream.IntStream;

/** Sorts pairs of a hash and a row, as {@link Pairs#of} reads them, and leaves the rows of every hash that is there more than once: the first, another, the first, another. */
record LinksTask() implements Task<byte[], int[]> {
    @Override
    public int[] run(byte[] bytes, Worker worker) {
        Pairs pairs = Pairs.of(bytes);
        pairs.sort();
        IntStream.Builder links = IntStream.builder();
        pairs.forEachLink((first, row) -> links.add(first).add(row));
        worker.advance(1);
        return links.build().toArray();
    }
}
