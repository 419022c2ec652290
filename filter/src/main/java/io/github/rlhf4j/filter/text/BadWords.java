package io.github.rlhf4j.filter.text;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A list of words and phrases, found whatever their case, as whole words; those without letters, and those of scripts without spaces, anywhere. */
public final class BadWords {
    private final Set<String> phrases = new HashSet<>(); // words with a space between
    private final Set<String> anywhere = new HashSet<>();
    private int longest;

    /** @param list a word or a phrase each; blank ones are left out */
    public BadWords(List<String> list) {
        for (String entry : list) {
            List<String> words = words(entry);
            if (words.isEmpty() || entry.codePoints().anyMatch(TextUnits::isDense)) {
                if (!entry.isBlank()) {
                    anywhere.add(entry.strip().toLowerCase(Locale.ROOT));
                }
            } else {
                phrases.add(String.join(" ", words));
                longest = Math.max(longest, words.size());
            }
        }
    }

    private BadWords(List<String> phrases, List<String> anywhere, int longest) {
        this.phrases.addAll(phrases);
        this.anywhere.addAll(anywhere);
        this.longest = longest;
    }

    private static List<String> words(String text) {
        return TextUnits.plainWords(text);
    }

    /** How many there are. */
    public int size() {
        return phrases.size() + anywhere.size();
    }

    /** The first one in a text. */
    public Optional<String> find(String text) {
        List<String> words = words(text);
        for (int i = 0; i < words.size(); i++) {
            StringBuilder phrase = new StringBuilder();
            for (int k = 0; k < longest && i + k < words.size(); k++) {
                phrase.append(k == 0 ? "" : " ").append(words.get(i + k));
                if (phrases.contains(phrase.toString())) {
                    return Optional.of(phrase.toString());
                }
            }
        }
        if (anywhere.isEmpty()) {
            return Optional.empty();
        }
        String lower = text.toLowerCase(Locale.ROOT);
        return anywhere.stream().sorted().filter(lower::contains).findFirst();
    }

    /** Writes them. */
    public void write(WireWriter out) {
        out.putList(phrases.stream().sorted().toList(), WireWriter::putText);
        out.putList(anywhere.stream().sorted().toList(), WireWriter::putText).putInt(longest);
    }

    /** Reads what {@link #write} wrote. */
    public static BadWords read(WireReader in) {
        return new BadWords(in.getList(WireReader::getText), in.getList(WireReader::getText), in.getInt());
    }
}
