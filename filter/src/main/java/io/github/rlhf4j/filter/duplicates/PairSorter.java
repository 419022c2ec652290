package io.github.rlhf4j.filter.duplicates;

import io.github.rlhf4j.datasets.SpoolFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Sorts pairs of a key and a number by key, those of one key in the order in which they came. Memory is bounded: what is too much is sorted in parts on the disk. For one thread, once. */
final class PairSorter implements AutoCloseable {
    private static final int PAIR_BYTES = 2 * Long.BYTES;
    private static final int PAIRS_READ = 1 << 12; // of a part at a time
    private static final int DIGIT_BITS = 8;

    private final long[] keys;
    private final long[] numbers;
    private final SpoolFile spool = new SpoolFile();
    private final List<Long> ends = new ArrayList<>(); // of the parts, bytes
    private int count;

    /** @param most pairs in memory */
    PairSorter(int most) {
        this.keys = new long[most];
        this.numbers = new long[most];
    }

    /** Takes a key's numbers. */
    interface GroupConsumer {
        /** @param numbers of one key, in the order in which they came; at least two */
        void accept(List<Long> numbers);
    }

    void add(long key, long number) {
        if (count == keys.length) {
            spill();
        }
        keys[count] = key;
        numbers[count] = number;
        count++;
    }

    private void spill() {
        sort();
        ByteBuffer buffer = ByteBuffer.allocate(PAIR_BYTES);
        for (int i = 0; i < count; i++) {
            spool.append(buffer.clear().putLong(keys[i]).putLong(numbers[i]).flip());
        }
        ends.add(spool.size());
        count = 0;
    }

    /** A stable sort by the digits of the keys. */
    private void sort() {
        long[] fromKeys = keys;
        long[] fromNumbers = numbers;
        long[] toKeys = new long[count];
        long[] toNumbers = new long[count];
        for (int shift = 0;
                shift < Long.SIZE;
                shift += DIGIT_BITS) { // an even number of passes: back in place at the end
            int[] places = new int[(1 << DIGIT_BITS) + 1];
            for (int i = 0; i < count; i++) {
                places[digit(fromKeys[i], shift) + 1]++;
            }
            for (int digit = 0; digit < 1 << DIGIT_BITS; digit++) {
                places[digit + 1] += places[digit];
            }
            for (int i = 0; i < count; i++) {
                int place = places[digit(fromKeys[i], shift)]++;
                toKeys[place] = fromKeys[i];
                toNumbers[place] = fromNumbers[i];
            }
            long[] swap = fromKeys;
            fromKeys = toKeys;
            toKeys = swap;
            swap = fromNumbers;
            fromNumbers = toNumbers;
            toNumbers = swap;
        }
    }

    private static int digit(long key, int shift) {
        return (int) (key >>> shift) & ((1 << DIGIT_BITS) - 1);
    }

    /** Gives the numbers of every key that came more than once, the keys in ascending order (unsigned). */
    void forEachGroup(GroupConsumer consumer) {
        if (ends.isEmpty()) {
            sort();
            Groups groups = new Groups(consumer);
            for (int i = 0; i < count; i++) {
                groups.add(keys[i], numbers[i]);
            }
            groups.end();
        } else {
            spill();
            spool.flush();
            merge(new Groups(consumer));
        }
    }

    private void merge(Groups groups) {
        PriorityQueue<Part> queue =
                new PriorityQueue<>(Comparator.comparing((Part part) -> part.key, Long::compareUnsigned)
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
            groups.add(part.key, part.number);
            if (part.advance()) {
                queue.add(part);
            }
        }
        groups.end();
    }

    /** A sorted part on the disk. */
    private final class Part {
        private final int rank;
        private final long end;
        private long position;
        private ByteBuffer read = ByteBuffer.allocate(0);
        private long key;
        private long number;

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
                int bytes = (int) Math.min(end - position, (long) PAIRS_READ * PAIR_BYTES);
                read = spool.read(position, bytes);
                position += bytes;
            }
            key = read.getLong();
            number = read.getLong();
            return true;
        }
    }

    /** Pairs in order of their keys, cut into groups. */
    private static final class Groups {
        private final GroupConsumer consumer;
        private final List<Long> group = new ArrayList<>();
        private long key;

        Groups(GroupConsumer consumer) {
            this.consumer = consumer;
        }

        void add(long nextKey, long number) {
            if (!group.isEmpty() && nextKey != key) {
                end();
            }
            key = nextKey;
            group.add(number);
        }

        void end() {
            if (group.size() > 1) {
                consumer.accept(List.copyOf(group));
            }
            group.clear();
        }
    }

    @Override
    public void close() {
        spool.close();
    }
}
