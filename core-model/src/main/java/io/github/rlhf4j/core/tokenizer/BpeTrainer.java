package io.github.rlhf4j.core.tokenizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Trains a byte-level BPE tokenizer: joins the most frequent pair of tokens within words until the vocabulary is full.
 *
 * <p>Special tokens come first ({@code <s>} 0, {@code </s>} 1, then those asked for), then all 256 bytes, then one token
 * a merge. Pairs of one frequency are joined in the order of their ids, so the same texts in any order give the same
 * tokenizer. Needs memory for the distinct words, not for the texts.
 *
 * <p>Source: Sennrich et al. 2016, arXiv:1508.07909; on bytes: Radford et al. 2019 (GPT-2).
 */
public final class BpeTrainer {
    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();
    private final Set<BpeTokenizerFiles.Merge> merges = new LinkedHashSet<>(); // a pair may come up again
    private final int specialTokens;
    private final List<Word> words = new ArrayList<>();
    private final Map<Long, Pair> pairs = new HashMap<>();
    private final PriorityQueue<Candidate> queue = new PriorityQueue<>();

    /** A distinct word: its tokens so far, and how often it occurs. */
    private static final class Word {
        private int[] symbols;
        private int length;
        private final long count;

        Word(int[] symbols, long count) {
            this.symbols = symbols;
            this.length = symbols.length;
            this.count = count;
        }
    }

    /** Two neighbouring tokens: how often they occur, and the words that may hold them (some no longer do). */
    private static final class Pair {
        private long count;
        private final Set<Word> words = new HashSet<>();
    }

    /** A pair with its count when it was queued; the larger count comes first, then the smaller ids. */
    private record Candidate(long key, long count) implements Comparable<Candidate> {
        @Override
        public int compareTo(Candidate other) {
            return count != other.count ? Long.compare(other.count, count) : Long.compare(key, other.key);
        }
    }

    private BpeTrainer(List<String> specials) {
        for (String special : specials) {
            if (ids.containsKey(special) || special.isEmpty()) {
                throw new IllegalArgumentException(
                        "special tokens must be distinct and not empty, but are " + specials);
            }
            add(special);
        }
        specialTokens = specials.size();
        for (int value = 0; value < 256; value++) {
            add(String.valueOf(ByteLevel.character(value)));
        }
    }

    /**
     * Trains on texts.
     *
     * @param texts read once
     * @param vocabularySize tokens in all, at least 258 and the further special tokens; fewer come out where the texts
     *     have no more pairs
     * @param furtherSpecialTokens special tokens besides {@code <s>} and {@code </s>}
     */
    public static BpeTokenizerFiles train(
            Iterator<String> texts, int vocabularySize, List<String> furtherSpecialTokens) {
        List<String> specials = new ArrayList<>(List.of(BpeTokenizerFiles.BOS, BpeTokenizerFiles.EOS));
        specials.addAll(furtherSpecialTokens);
        BpeTrainer trainer = new BpeTrainer(specials);
        if (vocabularySize < trainer.tokens.size()) {
            throw new IllegalArgumentException("vocabularySize must be >= " + trainer.tokens.size()
                    + " (256 bytes and the special tokens), but is " + vocabularySize);
        }
        trainer.readWords(texts);
        trainer.countPairs();
        trainer.mergeUntil(vocabularySize);
        return new BpeTokenizerFiles(trainer.tokens, trainer.specialTokens, List.copyOf(trainer.merges));
    }

    private int add(String token) {
        int id = tokens.size();
        tokens.add(token);
        ids.put(token, id);
        return id;
    }

    private void readWords(Iterator<String> texts) {
        Map<String, long[]> counts = new LinkedHashMap<>();
        while (texts.hasNext()) {
            Matcher matcher = ByteLevel.WORDS.matcher(ValidText.of(texts.next()));
            while (matcher.find()) {
                counts.computeIfAbsent(matcher.group(), word -> new long[1])[0]++;
            }
        }
        counts.forEach((word, count) -> {
            int[] symbols = ByteLevel.bytes(word);
            for (int i = 0; i < symbols.length; i++) {
                symbols[i] += specialTokens;
            }
            words.add(new Word(symbols, count[0]));
        });
    }

    private void countPairs() {
        for (Word word : words) {
            for (int i = 0; i + 1 < word.length; i++) {
                change(word.symbols[i], word.symbols[i + 1], word, word.count);
            }
        }
        pairs.forEach((key, pair) -> queue.add(new Candidate(key, pair.count)));
    }

    private void mergeUntil(int vocabularySize) {
        while (tokens.size() < vocabularySize && !queue.isEmpty()) {
            Candidate best = queue.remove();
            Pair pair = pairs.get(best.key);
            if (pair == null || pair.count <= 0) {
                continue;
            }
            if (pair.count != best.count) {
                queue.add(new Candidate(best.key, pair.count));
                continue;
            }
            merge(best.key, pair);
        }
    }

    private void merge(long key, Pair pair) {
        int left = left(key);
        int right = right(key);
        String text = tokens.get(left) + tokens.get(right);
        pairs.remove(key);
        Integer known = ids.get(text);
        if (known != null && known < specialTokens) {
            return; // the text of a special token must not come out of ordinary text
        }
        int joined = known == null ? add(text) : known;
        merges.add(new BpeTokenizerFiles.Merge(tokens.get(left), tokens.get(right)));
        Set<Long> grown = new HashSet<>();
        for (Word word : pair.words) {
            join(word, left, right, joined, grown);
        }
        for (long grownKey : grown) {
            Pair next = pairs.get(grownKey);
            if (next != null && next.count > 0) {
                queue.add(new Candidate(grownKey, next.count));
            }
        }
    }

    /** Replaces left right by joined in a word, and keeps the counts of the pairs around them. */
    private void join(Word word, int left, int right, int joined, Set<Long> grown) {
        int[] old = word.symbols;
        int[] symbols = new int[word.length];
        int length = 0;
        boolean found = false;
        for (int i = 0; i < word.length; i++) {
            boolean match = i + 1 < word.length && old[i] == left && old[i + 1] == right;
            found |= match;
            symbols[length++] = match ? joined : old[i];
            i += match ? 1 : 0;
        }
        if (!found) {
            return;
        }
        for (int i = 0; i + 1 < word.length; i++) {
            change(old[i], old[i + 1], null, -word.count);
        }
        word.symbols = symbols;
        word.length = length;
        for (int i = 0; i + 1 < length; i++) {
            change(symbols[i], symbols[i + 1], word, word.count);
            if (symbols[i] == joined || symbols[i + 1] == joined) {
                grown.add(key(symbols[i], symbols[i + 1]));
            }
        }
    }

    /** @param word the word to remember with the pair; null where the pair goes away */
    private void change(int left, int right, @Nullable Word word, long by) {
        if (word == null) {
            Pair pair = pairs.get(key(left, right));
            if (pair != null) { // the pair that is being joined is no longer there
                pair.count += by;
            }
            return;
        }
        Pair pair = pairs.computeIfAbsent(key(left, right), key -> new Pair());
        pair.count += by;
        pair.words.add(word);
    }

    private static long key(int left, int right) {
        return ((long) left << 32) | right;
    }

    private static int left(long key) {
        return (int) (key >>> 32);
    }

    private static int right(long key) {
        return (int) key;
    }
}
