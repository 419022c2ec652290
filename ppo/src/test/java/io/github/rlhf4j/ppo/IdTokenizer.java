package io.github.rlhf4j.ppo;

import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/** Shows ids as numbers; id 2 ends a response. */
final class IdTokenizer implements Tokenizer {
    @Override
    public int vocabSize() {
        return 40;
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens, boolean splitSpecialTokens) {
        throw new UnsupportedOperationException("no text");
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        return Arrays.toString(ids);
    }

    @Override
    public OptionalInt bosId() {
        return OptionalInt.of(1);
    }

    @Override
    public OptionalInt eosId() {
        return OptionalInt.of(2);
    }

    @Override
    public OptionalInt padId() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt unkId() {
        return OptionalInt.empty();
    }

    @Override
    public String token(int id) {
        return Integer.toString(id);
    }

    @Override
    public OptionalInt id(String token) {
        return OptionalInt.of(Integer.parseInt(token));
    }

    @Override
    public boolean isSpecial(int id) {
        return id <= 2;
    }

    @Override
    public Optional<String> chatTemplate() {
        return Optional.empty();
    }

    @Override
    public StreamingDecoder streamingDecoder() {
        throw new UnsupportedOperationException("no text");
    }
}
