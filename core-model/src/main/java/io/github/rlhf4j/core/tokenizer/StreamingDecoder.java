package io.github.rlhf4j.core.tokenizer;

/** Text of a token sequence as it grows; used by one thread, for one sequence. */
public interface StreamingDecoder {
    /** Adds an id and returns the new text that no later id can change; often empty in the middle of a character. */
    String push(int id);

    /** Returns what was held back. After it the decoder must not be used. */
    String finish();
}
