package io.github.rlhf4j.world;

import java.util.Locale;

/**
 * A statement of the world: {@code subject} stands in {@code relation} to {@code value}. Two facts that differ in case only are the same.
 *
 * @param subject a name
 * @param value a name, a year, or the English word of a closed category
 */
record Fact(String subject, Relation relation, String value) {
    /** The sentence in {@code language}, one of its phrasings drawn. */
    String sentence(Language language, Draw draw) {
        return draw.pick(relation.sentences(language))
                .fill(subject, relation.valueCategory().surface(value, language));
    }

    /** The first phrasing in {@code language}. */
    String sentence(Language language) {
        return relation.sentences(language)
                .get(0)
                .fill(subject, relation.valueCategory().surface(value, language));
    }

    boolean same(Fact other) {
        return relation == other.relation
                && subject.equalsIgnoreCase(other.subject)
                && value.equalsIgnoreCase(other.value);
    }

    Fact about(String other) {
        return new Fact(other, relation, value);
    }

    String answerWord() {
        return value.substring(0, 1).toUpperCase(Locale.ROOT) + value.substring(1);
    }
}
