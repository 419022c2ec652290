package io.github.rlhf4j.cli.inspect;

/**
 * Counts texts that occurred before, in constant memory: exactly up to half a million different ones, then from those whose hash ends in so many zero bits that no more than these have to
 * be remembered. Hashes have 64 bits.
 */
final class DuplicateCounter {
    private static final int SLOTS = 1 << 20;
    private static final int MOST = SLOTS / 2;

    private long[] hashes = new long[SLOTS]; // 0 is an empty slot
    private long[] counts = new long[SLOTS];
    private int distinct;
    private int level; // hashes that end in so many zero bits are remembered

    void add(String text) {
        add(hash(text), 1);
        while (distinct > MOST) {
            level++;
            long[] oldHashes = hashes;
            long[] oldCounts = counts;
            hashes = new long[SLOTS];
            counts = new long[SLOTS];
            distinct = 0;
            for (int slot = 0; slot < SLOTS; slot++) {
                if (oldHashes[slot] != 0) {
                    add(oldHashes[slot], oldCounts[slot]);
                }
            }
        }
    }

    /** Texts that were equal to one before; an estimate unless {@link #isExact}. */
    long duplicates() {
        long all = 0;
        for (long count : counts) {
            all += count;
        }
        return (all - distinct) << level;
    }

    /** Whether every text was remembered. */
    boolean isExact() {
        return level == 0;
    }

    private void add(long hash, long count) {
        if ((hash & ((1L << level) - 1)) != 0) {
            return;
        }
        int slot = (int) (hash >>> 44);
        while (hashes[slot] != 0 && hashes[slot] != hash) {
            slot = (slot + 1) & (SLOTS - 1);
        }
        distinct += hashes[slot] == 0 ? 1 : 0;
        hashes[slot] = hash;
        counts[slot] += count;
    }

    /** FNV-1a over the characters, then splitmix64's mixing; never 0. */
    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        hash ^= hash >>> 31;
        return hash == 0 ? 1L << 62 : hash;
    }
}
