package io.github.rlhf4j.judge;

import java.util.List;

/** A model that answers questions with one of a few verdicts. */
interface VerdictSource extends AutoCloseable {
    /**
     * The probabilities of the verdicts, sum 1; an empty array where the model's answer is none of them.
     *
     * @param questions what the model reads
     * @param verdicts what it could answer
     */
    List<double[]> ask(List<String> questions, List<String> verdicts);

    @Override
    void close();
}
