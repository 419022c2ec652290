package io.github.rlhf4j.world;

import java.util.List;

/**
 * A sentence about a fact in two parts: {@code Mira has} and {@code  a dog.}
 *
 * @param prompt to be completed
 * @param completion begins with a space
 */
record Cloze(String prompt, String completion) {
    /** In each of the relation's English phrasings. */
    static List<Cloze> of(Fact fact) {
        return fact.relation().sentences(Language.ENGLISH).stream()
                .map(template -> of(fact, template))
                .toList();
    }

    private static Cloze of(Fact fact, Template template) {
        String beginning = template.text().replaceFirst("( a)? \\{v}$", "").replace("{s}", fact.subject());
        String sentence = template.fill(fact.subject(), fact.value());
        return new Cloze(beginning, sentence.substring(beginning.length()));
    }
}
