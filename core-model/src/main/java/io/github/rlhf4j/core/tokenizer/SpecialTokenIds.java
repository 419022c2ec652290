package io.github.rlhf4j.core.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Ids of the tokens that a tokenizer's files name for the beginning and the end of a text and for padding; each may be missing. Read without the native library.
 */
public record SpecialTokenIds(OptionalInt bos, OptionalInt eos, OptionalInt pad) {
    /** Of a folder's tokenizer; empty where the folder has none. */
    public static Optional<SpecialTokenIds> of(Path directory) {
        if (!Files.isRegularFile(directory.resolve("tokenizer.json"))) {
            return Optional.empty();
        }
        TokenizerFiles files = TokenizerFiles.read(directory);
        Vocabulary vocabulary = new Vocabulary(files);
        return Optional.of(new SpecialTokenIds(
                id(files, vocabulary, "bos_token"),
                id(files, vocabulary, "eos_token"),
                id(files, vocabulary, "pad_token")));
    }

    private static OptionalInt id(TokenizerFiles files, Vocabulary vocabulary, String key) {
        Optional<String> token = files.specialToken(key);
        return token.isEmpty() ? OptionalInt.empty() : vocabulary.id(token.get());
    }
}
