package io.github.rlhf4j.core.grammar;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.AllowedTokens;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.tokenizer.TokenTexts;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds continuations to a {@link Grammar}: a token may come where its bytes do, and an end token where the text may end. Which tokens those are is found by a walk through the vocabulary when a place in the text
 * is first reached, and kept.
 *
 * <p>Near the limit of new tokens only those remain after which the text can still be completed: a byte a token is always enough. So a text is whole whenever the limit leaves room for the shortest one. Safe for use
 * by several threads.
 */
public final class TokenGrammar implements TokenConstraint {
    private static final long serialVersionUID = 1;
    /** What is kept is forgotten beyond this, before the next text begins. */
    private static final int MOST_POSITIONS = 50_000;

    private static final long MOST_BYTES = 128L << 20;
    private static final int MOST_NEAR_THE_END = 64; // masks of a place, by tokens left

    private final Shared shared;
    private final Grammar grammar;
    private final Vocabulary vocabulary;
    private final boolean isTextStart;

    /** Of both kinds of continuation: what has been found, anew in each process. */
    private static final class Shared implements Serializable {
        private static final long serialVersionUID = 1;

        final Grammar grammar;
        final Vocabulary vocabulary;
        private transient @Nullable Kept kept;

        Shared(Grammar grammar, Vocabulary vocabulary) {
            this.grammar = grammar;
            this.vocabulary = vocabulary;
        }

        synchronized Kept kept() {
            Kept present = kept;
            if (present == null || present.positions.size() > MOST_POSITIONS || present.bytes > MOST_BYTES) {
                present = new Kept(new Places(grammar));
                kept = present;
            }
            return present;
        }
    }

    /** What the tokens write, within a text and as its first. */
    private record Vocabulary(byte[][] within, TokenTrie trie, byte[][] first, TokenTrie firstTrie, int size)
            implements Serializable {}

    /** What has been found. */
    private static final class Kept {
        final Places positions;
        long bytes;

        Kept(Places positions) {
            this.positions = positions;
        }
    }

    /** Of a place: what may come there. */
    private static final class Masks {
        @Nullable
        AllowedTokens within;

        @Nullable
        AllowedTokens first;

        final Map<Integer, AllowedTokens> nearTheEnd = new HashMap<>(); // looked up only
    }

    private TokenGrammar(Shared shared, boolean isTextStart) {
        this.shared = shared;
        this.grammar = shared.grammar;
        this.vocabulary = shared.vocabulary;
        this.isTextStart = isTextStart;
    }

    /** For continuations of texts. */
    static TokenGrammar of(Grammar grammar, TokenTexts texts) {
        byte[][] within = texts.within();
        byte[][] first = texts.first();
        TokenTrie trie = new TokenTrie(within);
        TokenTrie firstTrie = Arrays.deepEquals(first, within) ? trie : new TokenTrie(first);
        Vocabulary vocabulary = new Vocabulary(within, trie, first, firstTrie, within.length);
        return new TokenGrammar(new Shared(grammar, vocabulary), false);
    }

    @Override
    public TokenConstraint atTextStart() {
        return isTextStart ? this : new TokenGrammar(shared, true);
    }

    @Override
    public Cursor begin(boolean hasEnd, int mostNew) {
        return new TextCursor(shared.kept(), hasEnd, mostNew);
    }

    private final class TextCursor implements Cursor {
        private final Kept found;
        private final int endTokens; // 1 where an end token is written
        private Places.Place at;
        private int left;
        private boolean isFirst = isTextStart;

        TextCursor(Kept found, boolean hasEnd, int mostNew) {
            this.found = found;
            this.endTokens = hasEnd ? 1 : 0;
            this.at = found.positions.start();
            this.left = mostNew;
        }

        private TextCursor(TextCursor other) {
            this.found = other.found;
            this.endTokens = other.endTokens;
            this.at = other.at;
            this.left = other.left;
            this.isFirst = other.isFirst;
        }

        @Override
        public Cursor copy() {
            return new TextCursor(this);
        }

        @Override
        public AllowedTokens allowed() {
            AllowedTokens all = isFirst ? masks().first : masks().within;
            if (all == null) {
                all = mask(Integer.MAX_VALUE);
                keep(all);
            }
            int room = left - 1 - endTokens; // tokens after the next one
            AllowedTokens now = all.furthest() <= room ? all : nearTheEnd(room);
            if (now.isEmpty() && !(now.mayEnd() && endTokens == 1)) {
                throw new UserError(
                        "no token of this tokenizer can go on with a text of " + grammar.what()
                                + " here: such a text begins with something, for example a space, that the tokenizer cannot write at the beginning");
            }
            return now;
        }

        private Masks masks() {
            Object attached = at.attached();
            if (attached == null) {
                attached = new Masks();
                at.attach(attached);
            }
            return (Masks) attached;
        }

        private void keep(AllowedTokens all) {
            found.bytes += all.bytes();
            if (isFirst) {
                masks().first = all;
            } else {
                masks().within = all;
            }
        }

        /** Those after which the text can still be completed; where there are none, those that bring its end nearest. */
        private AllowedTokens nearTheEnd(int room) {
            Masks masks = masks();
            int key = isFirst ? ~Math.max(room, 0) : Math.max(room, 0);
            synchronized (masks) {
                AllowedTokens known = masks.nearTheEnd.get(key);
                if (known != null) {
                    return known;
                }
            }
            AllowedTokens some = mask(Math.max(room, 0));
            if (some.isEmpty() && !at.isAccepting()) {
                some = mask(nearest());
            }
            synchronized (masks) {
                if (masks.nearTheEnd.size() < MOST_NEAR_THE_END) {
                    masks.nearTheEnd.put(key, some);
                    found.bytes += some.bytes();
                }
            }
            return some;
        }

        private AllowedTokens mask(int most) {
            AllowedTokens.Builder builder = new AllowedTokens.Builder(vocabulary.size(), at.isAccepting());
            trie().walk(at, (id, then) -> {
                if (then.toEnd() <= most) {
                    builder.allow(id, then.toEnd());
                }
            });
            return builder.build();
        }

        private int nearest() {
            int[] least = {Integer.MAX_VALUE};
            trie().walk(at, (id, then) -> least[0] = Math.min(least[0], then.toEnd()));
            return least[0];
        }

        private TokenTrie trie() {
            return isFirst ? vocabulary.firstTrie() : vocabulary.trie();
        }

        @Override
        public void advance(int id) {
            for (byte value : (isFirst ? vocabulary.first() : vocabulary.within())[id]) {
                Places.Place then = at.next(value & 0xFF);
                if (then == null) {
                    throw new IllegalStateException("token " + id + " was not allowed");
                }
                at = then;
            }
            isFirst = false;
            left--;
        }

        @Override
        public boolean isComplete() {
            return endTokens == 0
                    && at.isAccepting()
                    && (at.isFinal() || left == 0 || nearTheEnd(left - 1).isEmpty());
        }
    }
}
