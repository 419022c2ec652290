package io.github.rlhf4j.filter.text;

import java.util.List;

/** Hashes of 64 bits: the same on every machine and Java. */
public final class TextHash {
    private static final long START = 0x9e3779b97f4a7c15L;

    private TextHash() {}

    /** Of a text: FNV-1a over its UTF-16 units, then {@link #mix}. */
    public static long of(String text) {
        return of(text, 0);
    }

    /** Another hash of a text for each seed. */
    public static long of(String text, long seed) {
        long hash = 0xcbf29ce484222325L ^ mix(seed);
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return mix(hash);
    }

    /** Stafford's mix 13, the finaliser of splitmix64: a permutation of all numbers of 64 bits. */
    public static long mix(long number) {
        long hash = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return hash ^ (hash >>> 31);
    }

    /** Of numbers in their order. */
    public static long combine(long hash, long next) {
        return mix(hash * 31 + next + START);
    }

    /** Hashes of all n-grams of words, in their order; of fewer words than n none. */
    public static long[] nGrams(List<String> words, int n) {
        long[] hashes = words.stream().mapToLong(TextHash::of).toArray();
        long[] grams = new long[Math.max(0, hashes.length - n + 1)];
        for (int i = 0; i < grams.length; i++) {
            long gram = n;
            for (int k = 0; k < n; k++) {
                gram = combine(gram, hashes[i + k]);
            }
            grams[i] = gram;
        }
        return grams;
    }
}
