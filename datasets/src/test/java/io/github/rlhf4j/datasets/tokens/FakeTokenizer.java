package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A tokenizer of single ASCII characters (id = code) that behaves like SentencePiece where it matters: it puts a space in front of a text, reads "ab" as one token
 * (id 200), and reads the texts of special tokens as tokens: {@code <s>} 1, {@code </s>} 2.
 */
final class FakeTokenizer implements Tokenizer {
    static final int BOS = 1;
    static final int END = 2;
    static final int AB = 200;

    private final boolean addsBos;

    FakeTokenizer(boolean addsBos) {
        this.addsBos = addsBos;
    }

    /** Ids of a text whose characters stand for themselves: {@code <} BOS, {@code >} end, {@code @} the merged token. */
    static int[] ids(String text) {
        return text.chars()
                .map(c -> c == '<' ? BOS : c == '>' ? END : c == '@' ? AB : c)
                .toArray();
    }

    @Override
    public int vocabSize() {
        return AB + 1;
    }

    @Override
    public int[] encode(String text, boolean addSpecialTokens, boolean splitSpecialTokens) {
        IntStream.Builder ids = IntStream.builder();
        if (addSpecialTokens && addsBos && (splitSpecialTokens || !text.startsWith("<s>"))) {
            ids.add(BOS);
        }
        boolean startsText = true;
        for (int at = 0; at < text.length(); ) {
            if (!splitSpecialTokens && text.startsWith("<s>", at)) {
                ids.add(BOS);
                at += 3;
                continue;
            }
            if (!splitSpecialTokens && text.startsWith("</s>", at)) {
                ids.add(END);
                at += 4;
                continue;
            }
            if (startsText) {
                ids.add(' ');
                startsText = false;
            }
            boolean merges = text.startsWith("ab", at);
            ids.add(merges ? AB : text.charAt(at));
            at += merges ? 2 : 1;
        }
        return ids.build().toArray();
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        throw new UnsupportedOperationException();
    }

    @Override
    public OptionalInt bosId() {
        return addsBos ? OptionalInt.of(BOS) : OptionalInt.empty();
    }

    @Override
    public OptionalInt eosId() {
        return OptionalInt.of(END);
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
        return id == BOS ? "<s>" : id == END ? "</s>" : id == AB ? "ab" : String.valueOf((char) id);
    }

    @Override
    public OptionalInt id(String token) {
        return IntStream.range(0, vocabSize())
                .filter(id -> token(id).equals(token))
                .findFirst();
    }

    @Override
    public boolean isSpecial(int id) {
        return id == BOS || id == END;
    }

    @Override
    public Optional<String> chatTemplate() {
        return Optional.empty();
    }

    @Override
    public StreamingDecoder streamingDecoder() {
        throw new UnsupportedOperationException();
    }

    /** A template like ChatML's: for each message BOS, the first letter of the role, the content, end token, line feed. */
    static ChatEncoder chat() {
        return (messages, addGenerationPrompt, splitSpecialTokens) -> {
            StringBuilder text = new StringBuilder();
            StringBuilder mask = new StringBuilder();
            messages.forEach(message -> {
                boolean isAssistant = message.role().equals("assistant");
                text.append('<')
                        .append(message.role().charAt(0))
                        .append(message.content())
                        .append(">\n");
                mask.append("..")
                        .append((isAssistant ? "x" : ".")
                                .repeat(message.content().length() + 1))
                        .append('.');
            });
            text.append(addGenerationPrompt ? "<a" : "");
            mask.append(addGenerationPrompt ? ".." : "");
            boolean[] isAssistant = new boolean[mask.length()];
            for (int i = 0; i < isAssistant.length; i++) {
                isAssistant[i] = mask.charAt(i) == 'x';
            }
            return new ChatEncoder.EncodedChat(ids(text.toString()), isAssistant);
        };
    }
}
