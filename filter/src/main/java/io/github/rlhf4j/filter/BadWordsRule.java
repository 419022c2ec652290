package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.filter.text.BadWords;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Rows with a word of a list. Source: Raffel et al. 2020, arXiv:1910.10683, section 2.2. */
final class BadWordsRule implements RowRule {
    private static final String PATH_KEY = "bad_words_path";

    private final String key;
    private final BadWords words;

    /** @param key that gives the words */
    BadWordsRule(String key, BadWords words) {
        this.key = key;
        this.words = words;
    }

    /**
     * Reads a list, a word or a phrase a line.
     *
     * @throws UserError where there is none
     */
    static BadWordsRule read(String path) {
        try {
            BadWords words = new BadWords(Files.readAllLines(Path.of(path)));
            if (words.size() == 0) {
                throw new UserError(PATH_KEY + " " + path + " has no word; it must have one a line");
            }
            return new BadWordsRule(PATH_KEY, words);
        } catch (NoSuchFileException e) {
            throw new UserError(
                    PATH_KEY + " " + path + " does not exist; it must be a file with a word or a phrase a line", e);
        } catch (MalformedInputException e) {
            throw new UserError(PATH_KEY + " " + path + " is not UTF-8 text", e);
        } catch (IOException e) {
            throw new UserError(PATH_KEY + " " + path + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public Judgement judge(DataRecord row, String text) {
        Optional<String> found = words.find(text);
        return found.isEmpty() ? Judgement.keep(text) : Judgement.remove(text, key, found.get());
    }

    @Override
    public RuleKind kind() {
        return RuleKind.BAD_WORDS;
    }

    @Override
    public void write(WireWriter out) {
        out.putText(key);
        words.write(out);
    }

    static RowRule read(WireReader in) {
        return new BadWordsRule(in.getText(), BadWords.read(in));
    }
}
