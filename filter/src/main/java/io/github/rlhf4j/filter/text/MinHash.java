package io.github.rlhf4j.filter.text;

import java.util.Arrays;
import java.util.List;

/**
 * Signatures whose share of equal numbers estimates the Jaccard similarity of two texts' sets of n-grams, with the standard deviation sqrt(J (1 - J) / numbers).
 *
 * <pre>
 *  signature[i] = min over n-grams g of h_i(g)        P(signature_a[i] = signature_b[i]) = J
 *  texts meet in one of b bands of r numbers with     1 - (1 - J^r)^b
 * </pre>
 *
 * <p>Source: Broder 1997; bands: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, section 3.4.
 */
public final class MinHash {
    private final int n;
    private final int bands;
    private final int rows;
    private final long[] seeds;

    /**
     * @param n words of an n-gram
     * @param bands b
     * @param rows r, numbers of a band
     */
    public MinHash(int n, int bands, int rows) {
        this.n = n;
        this.bands = bands;
        this.rows = rows;
        this.seeds = new long[bands * rows];
        for (int i = 0; i < seeds.length; i++) {
            seeds[i] = TextHash.mix(i + 1L);
        }
    }

    /** The signature of a text; one of fewer words than n is one n-gram, one without words the n-gram of its characters. */
    public long[] signature(String text) {
        List<String> words = TextUnits.plainWords(text);
        long[] grams =
                words.isEmpty() ? new long[] {TextHash.of(text)} : TextHash.nGrams(words, Math.min(n, words.size()));
        long[] least = new long[seeds.length];
        Arrays.fill(least, Long.MAX_VALUE);
        for (long gram : grams) {
            for (int i = 0; i < seeds.length; i++) {
                least[i] = Math.min(least[i], TextHash.mix(gram ^ seeds[i]));
            }
        }
        return least;
    }

    /** The estimate of the Jaccard similarity of two texts by their signatures. */
    public static double similarity(long[] one, long[] other) {
        int equal = 0;
        for (int i = 0; i < one.length; i++) {
            equal += one[i] == other[i] ? 1 : 0;
        }
        return (double) equal / one.length;
    }

    /** A hash of each band of a signature. */
    public long[] bands(long[] signature) {
        long[] hashes = new long[bands];
        for (int band = 0; band < bands; band++) {
            long hash = band;
            for (int row = 0; row < rows; row++) {
                hash = TextHash.combine(hash, signature[band * rows + row]);
            }
            hashes[band] = hash;
        }
        return hashes;
    }
}
