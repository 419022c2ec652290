package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** One token a letter: a = 3, b = 4, ...; {@code <s>} = 1 in front, {@code </s>} = 2; other ids have no text. */
final class LetterTokenizer implements Tokenizer {
    private final String between;

    LetterTokenizer() {
        this("");
    }

    /** @param between put in front of every letter of a text but the first, as decoders of SentencePiece's kind do with the space */
    LetterTokenizer(String between) {
        this.between = between;
    }

    @Override
    public int vocabSize() {
        return SampledModels.VOCABULARY;
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens, boolean splitSpecialTokens) {
        boolean ends = text.endsWith("</s>");
        String letters = ends ? text.substring(0, text.length() - 4) : text;
        IntStream start = addSpecialTokens ? IntStream.of(1) : IntStream.empty();
        IntStream end = ends ? IntStream.of(2) : IntStream.empty();
        return IntStream.concat(IntStream.concat(start, letters.chars().map(c -> c - 'a' + 3)), end)
                .toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            if (id >= 3 && id < 29) {
                text.append(text.length() == 0 ? "" : between).append((char) ('a' + id - 3));
            }
        }
        return text.toString();
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
        return id == 1 ? "<s>" : id == 2 ? "</s>" : decode(new int[] {id}, false);
    }

    @Override
    public OptionalInt id(String token) {
        return OptionalInt.empty();
    }

    @Override
    public boolean isSpecial(int id) {
        return id == 1 || id == 2;
    }

    @Override
    public Optional<String> chatTemplate() {
        return Optional.empty();
    }

    @Override
    public StreamingDecoder streamingDecoder() {
        return new StreamingDecoder() {
            private boolean begun;

            @Override
            public String push(int id) {
                String letter = decode(new int[] {id}, true);
                String piece = begun && !letter.isEmpty() ? between + letter : letter;
                begun |= !letter.isEmpty();
                return piece;
            }

            @Override
            public String finish() {
                return "";
            }
        };
    }
}
