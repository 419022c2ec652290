package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Examples of a step, laid out and packed, small enough to go through the model at once. An example is never cut.
 *
 * @param indices of the examples in the step, ascending
 * @param firstSequence index of each example's first sequence in the batch, and one more entry: all sequences
 */
record MicroBatch<E>(List<E> examples, int[] indices, PackedBatch batch, int[] firstSequence) {
    /** The examples of a step with the sequences of each. */
    record Laid<E>(List<E> examples, List<List<TokenSequence>> layouts) {
        /** @param objective lays the examples out */
        static <E> Laid<E> of(List<E> examples, Objective<E> objective) {
            return new Laid<>(examples, examples.stream().map(objective::layout).toList());
        }

        /** Normalisers of the whole step: targets and tokens of all sequences, shared ones counted for each. */
        EvaluatedBatch.StepTotals<E> totals() {
            long targets = 0;
            long tokens = 0;
            for (List<TokenSequence> layout : layouts) {
                for (TokenSequence sequence : layout) {
                    targets += sequence.targets().length;
                    tokens += sequence.length();
                }
            }
            return new EvaluatedBatch.StepTotals<>(examples, targets, tokens);
        }

        /** Rows of each example: all tokens, the shared prefix (less its last token) once. */
        long[] rows() {
            return layouts.stream().mapToLong(MicroBatch::rows).toArray();
        }
    }

    /**
     * Cuts the examples of {@code indices}, in order, at {@code maxTokens} rows. The borders depend on the layouts alone.
     *
     * @param rows of each example of the step
     * @param whole whether rows that nothing reads are kept
     */
    static <E> List<MicroBatch<E>> cut(Laid<E> step, long[] rows, int[] indices, int maxTokens, boolean whole) {
        int[] sequencesBefore = new int[step.layouts().size() + 1];
        for (int i = 0; i < step.layouts().size(); i++) {
            sequencesBefore[i + 1] = sequencesBefore[i] + step.layouts().get(i).size();
        }
        List<MicroBatch<E>> batches = new ArrayList<>();
        int from = 0;
        long tokens = 0;
        for (int i = 0; i <= indices.length; i++) {
            long more = i < indices.length ? rows[indices[i]] : 0;
            if (i > from && (i == indices.length || tokens + more > maxTokens)) {
                batches.add(pack(step, Arrays.copyOfRange(indices, from, i), sequencesBefore, whole));
                from = i;
                tokens = 0;
            }
            tokens += more;
        }
        return batches;
    }

    private static <E> MicroBatch<E> pack(Laid<E> step, int[] indices, int[] sequencesBefore, boolean whole) {
        List<E> examples = new ArrayList<>();
        List<List<TokenSequence>> layouts = new ArrayList<>();
        int[] firstSequence = new int[indices.length + 1];
        for (int i = 0; i < indices.length; i++) {
            examples.add(step.examples().get(indices[i]));
            layouts.add(step.layouts().get(indices[i]));
            firstSequence[i + 1] = firstSequence[i] + layouts.get(i).size();
        }
        int[] numbers = Arrays.stream(indices)
                .flatMap(index -> IntStream.range(sequencesBefore[index], sequencesBefore[index + 1]))
                .toArray();
        return new MicroBatch<>(examples, indices, PackedBatch.of(layouts, numbers, whole), firstSequence);
    }

    private static long rows(List<TokenSequence> sequences) {
        long total = sequences.stream().mapToLong(TokenSequence::length).sum();
        int shared = sequences.get(0).length();
        for (TokenSequence sequence : sequences) {
            int mismatch = Arrays.mismatch(sequences.get(0).ids(), sequence.ids());
            shared = mismatch < 0 ? shared : Math.min(shared, mismatch);
        }
        return total - (sequences.size() - 1L) * Math.max(0, shared - 1);
    }
}
