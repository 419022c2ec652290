package io.github.rlhf4j.judge;

/** What a judge that reads a prompt is asked at once. */
public enum JudgeMode {
    /** Which of two responses is better. */
    PAIRWISE,
    /** The order of all responses. */
    LISTWISE,
    /** A number for one response. */
    SCORING
}
