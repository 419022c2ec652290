package io.github.rlhf4j.filter.text;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * The n-grams of texts that must not be trained on, and in which of them each is.
 *
 * <p>Source: Brown et al. 2020, arXiv:2005.14165, appendix C: n-grams of words in lower case without punctuation, n between 8 and 13.
 */
public final class NGramIndex {
    /** Texts of fewer words are not looked for: they are found by chance. */
    public static final int LEAST_WORDS = 8;

    private static final int FREE = -1;
    private static final int START_SLOTS = 1 << 10;

    private final int n;
    private final boolean[] sizes; // of n-grams that there are
    private long[] keys = new long[START_SLOTS];
    private int[] owners = filled(START_SLOTS);
    private int count;
    private int texts;
    private int tooShort;

    /** @param n words of an n-gram, >= 8; a shorter text is one n-gram of all its words */
    public NGramIndex(int n) {
        this.n = n;
        this.sizes = new boolean[n + 1];
    }

    /** Adds a text; its number is that of texts added before. */
    public void add(String text) {
        List<String> words = TextUnits.plainWords(text);
        if (words.size() < LEAST_WORDS) {
            tooShort++;
        } else {
            int size = Math.min(n, words.size());
            sizes[size] = true;
            for (long gram : TextHash.nGrams(words, size)) {
                put(gram, texts);
            }
        }
        texts++;
    }

    /** Texts added. */
    public int texts() {
        return texts;
    }

    /** How many of them are too short to be looked for. */
    public int tooShort() {
        return tooShort;
    }

    /** The number of the text that first had an n-gram of {@code text}; empty where no n-gram is known. */
    public OptionalInt find(String text) {
        List<String> words = TextUnits.plainWords(text);
        for (int size = n; size >= LEAST_WORDS; size--) {
            if (sizes[size]) {
                for (long gram : TextHash.nGrams(words, size)) {
                    int owner = owners[slot(gram)];
                    if (owner != FREE) {
                        return OptionalInt.of(owner);
                    }
                }
            }
        }
        return OptionalInt.empty();
    }

    private static int[] filled(int slots) {
        int[] owners = new int[slots];
        Arrays.fill(owners, FREE);
        return owners;
    }

    private int slot(long key) {
        int slot = (int) (TextHash.mix(key) & (keys.length - 1));
        while (owners[slot] != FREE && keys[slot] != key) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    private void put(long key, int owner) {
        int slot = slot(key);
        if (owners[slot] != FREE) {
            return;
        }
        keys[slot] = key;
        owners[slot] = owner;
        count++;
        if (2 * count > keys.length) {
            grow();
        }
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldOwners = owners;
        keys = new long[2 * oldKeys.length];
        owners = filled(keys.length);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldOwners[i] != FREE) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                owners[slot] = oldOwners[i];
            }
        }
    }

    /** Writes it. */
    public void write(WireWriter out) {
        out.putInt(n).putInt(texts).putInt(tooShort).putInt(sizes.length);
        for (boolean size : sizes) {
            out.putBoolean(size);
        }
        out.putInt(count);
        for (int slot = 0; slot < keys.length; slot++) {
            if (owners[slot] != FREE) {
                out.putLong(keys[slot]).putInt(owners[slot]);
            }
        }
    }

    /** Reads what {@link #write} wrote. */
    public static NGramIndex read(WireReader in) {
        NGramIndex index = new NGramIndex(in.getInt());
        index.texts = in.getInt();
        index.tooShort = in.getInt();
        int sizes = in.getInt();
        for (int size = 0; size < sizes; size++) {
            index.sizes[size] = in.getBoolean();
        }
        int grams = in.getInt();
        for (int gram = 0; gram < grams; gram++) {
            index.put(in.getLong(), in.getInt());
        }
        return index;
    }
}
