package io.github.rlhf4j.sft;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.Arrays;

/** A training row as text, with what is learnt marked. */
final class RowText {
    private static final int LONGEST = 400; // characters

    private RowText() {}

    /** Runs of targets stand between {@code >>} and {@code <<}; line breaks are written \n; long rows are cut in the middle. */
    static String of(Tokenizer tokenizer, TokenSequence sequence) {
        StringBuilder text = new StringBuilder();
        int[] ids = sequence.ids();
        boolean[] isTarget = new boolean[ids.length];
        Arrays.stream(sequence.targets()).forEach(target -> isTarget[target] = true);
        int from = 0;
        while (from < ids.length) {
            int to = from;
            while (to < ids.length && isTarget[to] == isTarget[from]) {
                to++;
            }
            String piece = tokenizer.decode(Arrays.copyOfRange(ids, from, to), false);
            text.append(isTarget[from] ? ">>" + piece + "<<" : piece);
            from = to;
        }
        String line = text.toString().replace("\n", "\\n");
        return line.length() <= LONGEST
                ? line
                : line.substring(0, LONGEST / 2) + " ... " + line.substring(line.length() - LONGEST / 2);
    }
}
