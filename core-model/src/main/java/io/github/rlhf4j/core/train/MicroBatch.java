package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Consecutive examples of a step, laid out and packed, small enough to go through the model at once. An example is never cut.
 *
 * @param firstSequence index of each example's first sequence in the batch, and one more entry: all sequences
 */
record MicroBatch<E>(List<E> examples, PackedBatch batch, int[] firstSequence) {
    /**
     * Cuts examples, in order, at {@code maxTokens} rows. The borders depend on the layouts alone.
     *
     * @param layouts the sequences of each example
     * @param whole whether rows that nothing reads are kept
     */
    static <E> List<MicroBatch<E>> cut(
            List<E> examples, List<List<TokenSequence>> layouts, int maxTokens, boolean whole) {
        List<MicroBatch<E>> batches = new ArrayList<>();
        int from = 0;
        int sequencesBefore = 0;
        long tokens = 0;
        for (int i = 0; i < examples.size(); i++) {
            long more = rows(layouts.get(i));
            if (i > from && tokens + more > maxTokens) {
                batches.add(pack(examples.subList(from, i), layouts.subList(from, i), sequencesBefore, whole));
                sequencesBefore +=
                        layouts.subList(from, i).stream().mapToInt(List::size).sum();
                from = i;
                tokens = 0;
            }
            tokens += more;
        }
        if (from < examples.size()) {
            batches.add(pack(
                    examples.subList(from, examples.size()),
                    layouts.subList(from, examples.size()),
                    sequencesBefore,
                    whole));
        }
        return batches;
    }

    private static <E> MicroBatch<E> pack(
            List<E> examples, List<List<TokenSequence>> layouts, int sequencesBefore, boolean whole) {
        int[] firstSequence = new int[examples.size() + 1];
        for (int i = 0; i < examples.size(); i++) {
            firstSequence[i + 1] = firstSequence[i] + layouts.get(i).size();
        }
        int[] numbers = new int[firstSequence[examples.size()]];
        Arrays.setAll(numbers, sequence -> sequencesBefore + sequence);
        return new MicroBatch<>(examples, PackedBatch.of(layouts, numbers, whole), firstSequence);
    }

    /** Rows of one example: all tokens, the shared prefix (less its last token) once. */
    private static long rows(List<TokenSequence> sequences) {
        long total = sequences.stream().mapToLong(TokenSequence::length).sum();
        int shared = sequences.get(0).length();
        for (TokenSequence sequence : sequences) {
            int mismatch = Arrays.mismatch(sequences.get(0).ids(), sequence.ids());
            shared = mismatch < 0 ? shared : Math.min(shared, mismatch);
        }
        return total - (sequences.size() - 1L) * Math.max(0, shared - 1);
    }

    /** Targets of all sequences, a shared one counted for each. */
    long targets() {
        long targets = 0;
        for (int sequence = 0; sequence < batch.sequences(); sequence++) {
            targets += batch.targets(sequence);
        }
        return targets;
    }
}
