package io.github.rlhf4j.testing;

import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A vocabulary as a tokenizer, without a file: one token a word, words being split at spaces. For what needs ids and special tokens, but no text of the world.
 *
 * @param vocabulary tokens by id
 * @param special ids of special tokens
 * @param bosId begins a text
 * @param eosId ends a text
 * @param unkId of words that it does not have
 * @param padId pads
 * @param stopIds ids at which generation stops
 * @param chatTemplates by name
 */
public record FakeTokenizer(
        List<String> vocabulary,
        Set<Integer> special,
        OptionalInt bosId,
        OptionalInt eosId,
        OptionalInt unkId,
        OptionalInt padId,
        int[] stopIds,
        Map<String, String> chatTemplates)
        implements Tokenizer {
    /** A vocabulary of which no token has a meaning yet. */
    public FakeTokenizer(List<String> vocabulary, Set<Integer> special) {
        this(
                vocabulary,
                special,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                new int[0],
                Map.of());
    }

    /** Ids 0, 1, ... spelled as numbers, with unk 0, bos 1 and eos 2. */
    public static FakeTokenizer numbers(int vocabSize) {
        List<String> vocabulary = new ArrayList<>();
        for (int id = 0; id < vocabSize; id++) {
            vocabulary.add(Integer.toString(id));
        }
        return new FakeTokenizer(vocabulary, Set.of(0, 1, 2)).unk(0).bos(1).eos(2);
    }

    /** This, with a token that begins a text. */
    public FakeTokenizer bos(int id) {
        return new FakeTokenizer(vocabulary, special, OptionalInt.of(id), eosId, unkId, padId, stopIds, chatTemplates);
    }

    /** This, with a token that ends a text and generation. */
    public FakeTokenizer eos(int id) {
        return new FakeTokenizer(
                vocabulary, special, bosId, OptionalInt.of(id), unkId, padId, new int[] {id}, chatTemplates);
    }

    /** This, with a token for unknown words. */
    public FakeTokenizer unk(int id) {
        return new FakeTokenizer(vocabulary, special, bosId, eosId, OptionalInt.of(id), padId, stopIds, chatTemplates);
    }

    /** This, with a padding token. */
    public FakeTokenizer pad(int id) {
        return new FakeTokenizer(vocabulary, special, bosId, eosId, unkId, OptionalInt.of(id), stopIds, chatTemplates);
    }

    /** This, with these ids at which generation stops. */
    public FakeTokenizer stops(int... ids) {
        return new FakeTokenizer(vocabulary, special, bosId, eosId, unkId, padId, ids, chatTemplates);
    }

    /** This, with a chat template. */
    public FakeTokenizer template(String template) {
        return new FakeTokenizer(vocabulary, special, bosId, eosId, unkId, padId, stopIds, Map.of("default", template));
    }

    @Override
    public int vocabSize() {
        return vocabulary.size();
    }

    /** @throws IllegalArgumentException for a word that it does not have, where it has no token for that */
    @Override
    public int[] encode(String text, boolean addSpecialTokens, boolean splitSpecialTokens) {
        List<Integer> ids = new ArrayList<>();
        if (addSpecialTokens) {
            bosId.ifPresent(ids::add);
        }
        for (String word : text.isBlank() ? new String[0] : text.strip().split(" +")) {
            ids.add(id(word).orElseGet(
                            () -> unkId.orElseThrow(() -> new IllegalArgumentException("no token " + word))));
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        List<String> words = Arrays.stream(ids)
                .filter(id -> !skipSpecialTokens || !isSpecial(id))
                .mapToObj(this::token)
                .toList();
        return String.join(" ", words);
    }

    @Override
    public String token(int id) {
        if (id < 0 || id >= vocabulary.size()) {
            throw new IllegalArgumentException("id " + id + " is outside [0, " + vocabulary.size() + ")");
        }
        return vocabulary.get(id);
    }

    @Override
    public OptionalInt id(String token) {
        int id = vocabulary.indexOf(token);
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    @Override
    public boolean isSpecial(int id) {
        return special.contains(id);
    }

    @Override
    public StreamingDecoder streamingDecoder() {
        return new Words();
    }

    private final class Words implements StreamingDecoder {
        private boolean isFirst = true;

        @Override
        public String push(int id) {
            if (isSpecial(id)) {
                return "";
            }
            String piece = isFirst ? token(id) : " " + token(id);
            isFirst = false;
            return piece;
        }

        @Override
        public String finish() {
            return "";
        }
    }
}
