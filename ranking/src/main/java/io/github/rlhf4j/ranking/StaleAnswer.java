package io.github.rlhf4j.ranking;

import java.util.Optional;

/** An answer to what is not shown any more, for example since it was answered in another window. Nothing was saved. */
public final class StaleAnswer extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StaleAnswer(int given, Optional<Integer> due) {
        super("this is an answer to number " + (given + 1) + ", but "
                + due.map(number -> "number " + (number + 1) + " is due").orElse("all is answered")
                + "; nothing was saved: load the page again");
    }
}
