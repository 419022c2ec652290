package io.github.rlhf4j.world;

import java.util.List;

/**
 * A prompt that has been understood.
 *
 * @param prompt without the line end
 * @param form the form its answer must have
 * @param expectation what a right answer says
 * @param given facts that hold because the prompt states them
 */
record Task(UseCase useCase, String prompt, Form form, Expectation expectation, List<Fact> given) {
    boolean unanswerable() {
        return expectation.unanswerable();
    }

    /** A model answer. */
    String ideal(Draw draw) {
        return expectation.ideal(form, draw);
    }
}
