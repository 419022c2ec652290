package io.github.rlhf4j.world;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** A response cut into sentences and words, whatever it is: empty, cut off, repeated or no language at all. */
record Reading(String text, List<Statement> statements, List<String> words) {
    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?])\\s+|\\s*\\n+\\s*");
    private static final double TOLERATED_REPETITION = 0.25;

    static Reading of(String response) {
        String text = response.strip();
        List<Statement> statements = SENTENCE_END
                .splitAsStream(text)
                .map(String::strip)
                .filter(sentence -> !sentence.isEmpty())
                .map(Statement::of)
                .toList();
        return new Reading(text, statements, Lexicon.split(text));
    }

    boolean empty() {
        return words.isEmpty();
    }

    boolean admits() {
        return statements.stream().anyMatch(statement -> statement.kind() == Statement.Kind.ADMISSION);
    }

    /** Whether it says anything besides admissions and padding. */
    boolean answers() {
        return statements.stream().anyMatch(Statement::substantial);
    }

    List<Statement> substance() {
        return statements.stream().filter(Statement::substantial).toList();
    }

    List<Fact> facts() {
        return statements.stream()
                .flatMap(statement -> statement.facts().stream())
                .toList();
    }

    int sentences() {
        return statements.size();
    }

    /** Whether the last sentence has its stop. */
    boolean ended() {
        return !text.isEmpty() && ".!?".indexOf(text.charAt(text.length() - 1)) >= 0;
    }

    boolean capitals() {
        return !empty() && text.equals(text.toUpperCase(Locale.ROOT));
    }

    /** Whether it is all in capital letters and has some. */
    boolean shouts() {
        return capitals() && !text.equals(text.toLowerCase(Locale.ROOT));
    }

    /** The share of repetition, 0..1: repeated sentences or repeated pairs of words beyond what ordinary text has. */
    double repetition() {
        Set<String> sentences = new HashSet<>();
        statements.forEach(statement -> sentences.add(statement.text().toLowerCase(Locale.ROOT)));
        double repeatedSentences = statements.isEmpty() ? 0 : 1 - (double) sentences.size() / statements.size();
        Set<String> pairs = new HashSet<>();
        for (int i = 1; i < words.size(); i++) {
            pairs.add(words.get(i - 1) + " " + words.get(i));
        }
        double repeatedPairs = words.size() < 2 ? 0 : 1 - (double) pairs.size() / (words.size() - 1);
        double excess = Math.max(0, repeatedPairs - TOLERATED_REPETITION) / (1 - TOLERATED_REPETITION);
        return Math.max(repeatedSentences, excess);
    }
}
