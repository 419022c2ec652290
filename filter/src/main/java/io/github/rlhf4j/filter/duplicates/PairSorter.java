package io.github.rlhf4j.filter.duplicates;

import io.github.rlhf4j.datasets.SpoolFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Sorts pairs by hash in this process. Memory is bounded: what is too much is sorted in parts on the disk. */
final class PairSorter implements EqualHashes {
    private static final int PAIRS_READ = 1 << 12; // of a part at a time

    private final Pairs pairs;
    private final SpoolFile spool = new SpoolFile();
    private final List<Long> ends = new ArrayList<>(); // of the parts, bytes

    /** @param most pairs in memory */
    PairSorter(int most) {
        this.pairs = new Pairs(most);
    }

    @Override
    public void add(long hash, int row) {
        if (pairs.isFull()) {
            spill();
        }
        pairs.add(hash, row);
    }

    private void spill() {
        pairs.sort();
        ByteBuffer buffer = ByteBuffer.allocate(Pairs.BYTES);
        for (int i = 0; i < pairs.size(); i++) {
            Pairs.write(pairs.hash(i), pairs.row(i), buffer.clear());
            spool.append(buffer.flip());
        }
        ends.add(spool.size());
        pairs.clear();
    }

    @Override
    public void forEachLink(LinkConsumer consumer) {
        if (ends.isEmpty()) {
            pairs.sort();
            pairs.forEachLink(consumer);
        } else {
            spill();
            spool.flush();
            merge(new Links(consumer));
        }
    }

    private void merge(Links links) {
        PriorityQueue<Part> queue =
                new PriorityQueue<>(Comparator.comparing((Part part) -> part.hash, Long::compareUnsigned)
                        .thenComparing(part -> part.rank));
        long start = 0;
        for (int rank = 0; rank < ends.size(); rank++) {
            Part part = new Part(rank, start, ends.get(rank));
            start = ends.get(rank);
            if (part.advance()) {
                queue.add(part);
            }
        }
        for (Part part = queue.poll(); part != null; part = queue.poll()) {
            links.add(part.hash, part.row);
            if (part.advance()) {
                queue.add(part);
            }
        }
    }

    /** A sorted part on the disk. */
    private final class Part {
        private final int rank;
        private final long end;
        private long position;
        private ByteBuffer read = ByteBuffer.allocate(0);
        private long hash;
        private int row;

        Part(int rank, long position, long end) {
            this.rank = rank;
            this.position = position;
            this.end = end;
        }

        boolean advance() {
            if (!read.hasRemaining()) {
                if (position == end) {
                    return false;
                }
                int bytes = (int) Math.min(end - position, (long) PAIRS_READ * Pairs.BYTES);
                read = spool.read(position, bytes);
                position += bytes;
            }
            hash = read.getLong();
            row = read.getInt();
            return true;
        }
    }

    @Override
    public void close() {
        spool.close();
    }
}
