package io.github.rlhf4j.world;

import java.util.Optional;

/** The form that a prompt asks its answer to have; all but {@link #PLAIN} are the last sentence of the prompt. */
enum Form {
    PLAIN(""),
    ONE_WORD(" Answer in one word."),
    CAPITALS(" Use capital letters."),
    FRENCH(" Answer in French."),
    GERMAN(" Answer in German."),
    SPANISH(" Answer in Spanish."),
    YES_NO(" Answer yes or no."),
    ONE_SENTENCE(" Use one sentence."),
    TWO_SENTENCES(" Use two sentences.");

    private final String suffix;

    Form(String suffix) {
        this.suffix = suffix;
    }

    String suffix() {
        return suffix;
    }

    /** The language asked for; empty where no form asks for one, which means English but is not checked. */
    Optional<Language> language() {
        return switch (this) {
            case FRENCH -> Optional.of(Language.FRENCH);
            case GERMAN -> Optional.of(Language.GERMAN);
            case SPANISH -> Optional.of(Language.SPANISH);
            default -> Optional.empty();
        };
    }

    /** A prompt without the form that it asks for. */
    static String stripped(String prompt) {
        return prompt.substring(0, prompt.length() - of(prompt).suffix.length());
    }

    static Form of(String prompt) {
        for (Form form : values()) {
            if (form != PLAIN && prompt.endsWith(form.suffix)) {
                return form;
            }
        }
        return PLAIN;
    }
}
