package io.github.rlhf4j.filter;

import java.util.Optional;

/**
 * What rules say of a row, as it comes back from where it was judged.
 *
 * @param text where the row stays and rules have shortened its text
 * @param reason as {@link Judgement} has it
 * @param detail as {@link Judgement} has it
 * @param hashes what duplicates are found by, where rows are compared and this one stays
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record Verdict(Optional<String> text, String reason, String detail, long[] hashes) {
    /** With the text of the row. */
    Judgement judgement(String given) {
        return new Judgement(text.orElse(given), reason, detail);
    }
}
