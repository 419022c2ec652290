package io.github.rlhf4j.reward;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The token that other programs pad a reward model's texts with. transformers reads the score at the last token that is not this one, and we at the end token: so it is never one at which a text ends.
 *
 * @param id its id, a row of the model
 * @param text what the tokenizer calls it
 */
record PaddingToken(int id, String text) {
    /** What transformers calls a token that its tokenizer does not have yet, where the model has a row to spare. */
    static final String NEW = "<|pad|>";

    /** A control character as byte-level and as byte-fallback tokenizers spell it: no text has it. */
    private static final String[] UNUSED_BYTES = {"\u0114", "<0x14>"};

    /**
     * The best choice: what the tokenizer pads with; what the model's config names; the unknown token and BOS; another special token, one for padding or reserved ones first, those that chat templates write last;
     * a new token where the model has a row without one; a byte that no text has. Empty where all of these end texts or do not exist.
     *
     * @param configured pad_token_id of config.json
     * @param rows of the model's embedding
     */
    static Optional<PaddingToken> of(Tokenizer tokenizer, OptionalInt configured, int rows) {
        int[] stops = tokenizer.stopIds();
        IntPredicate usable = id -> id >= 0 && id < rows && Arrays.stream(stops).noneMatch(stop -> stop == id);
        Optional<PaddingToken> known = IntStream.concat(named(tokenizer, configured), special(tokenizer))
                .filter(usable)
                .filter(id -> id < tokenizer.vocabSize() && !tokenizer.token(id).isEmpty())
                .mapToObj(id -> new PaddingToken(id, tokenizer.token(id)))
                .findFirst();
        Stream<PaddingToken> created =
                tokenizer.id(NEW).isEmpty() ? Stream.of(new PaddingToken(tokenizer.vocabSize(), NEW)) : Stream.empty();
        Stream<PaddingToken> bytes = Stream.of(UNUSED_BYTES)
                .flatMap(text -> tokenizer.id(text).stream().mapToObj(id -> new PaddingToken(id, text)));
        return known.or(() -> Stream.concat(created, bytes)
                .filter(token -> usable.test(token.id()))
                .findFirst());
    }

    private static IntStream named(Tokenizer tokenizer, OptionalInt configured) {
        return Stream.of(tokenizer.padId(), configured, tokenizer.unkId(), tokenizer.bosId())
                .flatMapToInt(OptionalInt::stream);
    }

    private static IntStream special(Tokenizer tokenizer) {
        int[] all = IntStream.range(0, tokenizer.vocabSize())
                .map(id -> tokenizer.vocabSize() - 1 - id)
                .filter(tokenizer::isSpecial)
                .toArray();
        return Stream.<IntPredicate>of(
                        id -> name(tokenizer, id).contains("pad"),
                        id -> name(tokenizer, id).matches(".*(unused|reserved).*"),
                        id -> isUnwritten(tokenizer, id),
                        id -> true)
                .flatMapToInt(preferred -> Arrays.stream(all).filter(preferred));
    }

    private static String name(Tokenizer tokenizer, int id) {
        return tokenizer.token(id).toLowerCase(Locale.ROOT);
    }

    private static boolean isUnwritten(Tokenizer tokenizer, int id) {
        return tokenizer.chatTemplates().values().stream()
                .noneMatch(template -> template.contains(tokenizer.token(id)));
    }

    /** Whether it is an ordinary token or a new one, so that transformers' tokenizer gets a special token more. */
    boolean isNewTo(Tokenizer tokenizer) {
        return id >= tokenizer.vocabSize() || !tokenizer.isSpecial(id);
    }
}
