package io.github.rlhf4j.filter.duplicates;

import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.datasets.SpoolFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Cuts pairs by their hashes into buckets on the disk, and has each sorted by a worker of a cluster. Memory: what is not yet on the disk, at most 32 MiB, and the buckets of one job. A bucket that is much larger than the
 * others, since very many rows have one hash, is sorted in this process.
 */
final class PairBuckets implements EqualHashes {
    private static final int ROWS = 1 << 16; // of a bucket, about
    private static final int LEAST_ROWS = 1 << 12; // fewer are not worth a task
    private static final int MOST_BUCKETS = 1 << 12;
    private static final int MOST_WAITING = 32 << 20; // bytes of all buckets
    private static final int MOST_OF_A_BUCKET = 1 << 16; // bytes that wait
    private static final long JOB_BYTES = 16 << 20;
    private static final int BUCKETS_OF_A_PIECE = 2;
    private static final int MUCH_LARGER = 8;

    private final Cluster cluster;
    private final int inMemory;
    private final long mostSent; // pairs
    private final List<Bucket> buckets = new ArrayList<>();
    private final SpoolFile spool = new SpoolFile();
    private final List<byte[]> job = new ArrayList<>();
    private long jobBytes;

    /**
     * @param count of buckets, >= 1
     * @param rows in all, about
     * @param inMemory pairs of a bucket that is sorted here
     */
    PairBuckets(Cluster cluster, int count, long rows, int inMemory) {
        this.cluster = cluster;
        this.inMemory = inMemory;
        this.mostSent = MUCH_LARGER * (rows / count + 1);
        int waiting = Math.min(MOST_OF_A_BUCKET, MOST_WAITING / count);
        for (int i = 0; i < count; i++) {
            buckets.add(new Bucket(waiting / Pairs.BYTES));
        }
    }

    /** How many buckets so many rows are cut into; 1: there is nothing for workers to do. */
    static int count(long rows, Cluster cluster) {
        if (!cluster.hasWorkers()) {
            return 1;
        }
        long forAll = Math.min(Math.max(cluster.pieces(), cluster.workers()), rows / LEAST_ROWS);
        return (int) Math.max(1, Math.min(MOST_BUCKETS, Math.max(rows / ROWS, forAll)));
    }

    @Override
    public void add(long hash, int row) {
        // a bucket has a range of hashes, which are spread evenly
        buckets.get((int) ((hash >>> Integer.SIZE) * buckets.size() >>> Integer.SIZE))
                .add(hash, row);
    }

    @Override
    public void forEachLink(LinkConsumer consumer) {
        buckets.forEach(Bucket::spill);
        spool.flush();
        for (Bucket bucket : buckets) {
            if (bucket.pairs > mostSent) {
                sortHere(bucket, consumer);
            } else if (bucket.pairs > 1) {
                byte[] bytes = bucket.bytes();
                if (jobBytes + bytes.length > JOB_BYTES || job.size() >= BUCKETS_OF_A_PIECE * cluster.pieces()) {
                    sortElsewhere(consumer);
                }
                job.add(bytes);
                jobBytes += bytes.length;
            }
        }
        sortElsewhere(consumer);
    }

    private void sortElsewhere(LinkConsumer consumer) {
        for (int[] links : cluster.map("duplicates", List.copyOf(job), new LinksTask())) {
            for (int i = 0; i < links.length; i += 2) {
                consumer.accept(links[i], links[i + 1]);
            }
        }
        job.clear();
        jobBytes = 0;
    }

    private void sortHere(Bucket bucket, LinkConsumer consumer) {
        try (PairSorter sorter = new PairSorter(inMemory)) {
            bucket.forEachBlock(block -> {
                while (block.hasRemaining()) {
                    sorter.add(block.getLong(), block.getInt());
                }
            });
            sorter.forEachLink(consumer);
        }
    }

    /** Pairs in their order: in blocks on the disk, all of the same size but the last, which waits in memory until then. */
    private final class Bucket {
        private final ByteBuffer waiting;
        private final List<Long> blocks = new ArrayList<>(); // where they begin
        private long pairs;

        Bucket(int pairsOfABlock) {
            waiting = ByteBuffer.allocate(pairsOfABlock * Pairs.BYTES);
        }

        void add(long hash, int row) {
            if (!waiting.hasRemaining()) {
                spill();
            }
            Pairs.write(hash, row, waiting);
            pairs++;
        }

        void spill() {
            if (waiting.position() > 0) {
                blocks.add(spool.append(waiting.flip()));
                waiting.clear();
            }
        }

        void forEachBlock(Consumer<ByteBuffer> consumer) {
            long left = pairs * Pairs.BYTES;
            for (long block : blocks) {
                int length = (int) Math.min(left, waiting.capacity());
                consumer.accept(spool.read(block, length));
                left -= length;
            }
        }

        byte[] bytes() {
            ByteBuffer all = ByteBuffer.allocate((int) (pairs * Pairs.BYTES));
            forEachBlock(all::put);
            return all.array();
        }
    }

    @Override
    public void close() {
        spool.close();
    }
}
