package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import java.util.Set;

/**
 * What losses over next tokens report, as TRL's SFTTrainer: entropy (nats) and mean_token_accuracy, means over target tokens; trained_to_stop: the share of sequences whose last target is an end token.
 */
public final class NextTokenMetrics {
    private final int[] endTokens;
    private double entropy;
    private double correct;
    private long tokens;
    private long stops;
    private long sequences;

    /** @param endTokens ids of all tokens that end a turn or a text */
    public NextTokenMetrics(int[] endTokens) {
        this.endTokens = endTokens;
    }

    /** The statistics that are read. */
    public static Set<Column> statistics() {
        return Set.of(Column.LOG_PROB, Column.ENTROPY, Column.IS_TOP);
    }

    /** Adds a sequence. */
    public void add(SequenceOutputs outputs, TokenSequence sequence) {
        tokens += outputs.targets();
        for (int target = 0; target < outputs.targets(); target++) {
            entropy += outputs.statistic(Column.ENTROPY, target);
            correct += outputs.statistic(Column.IS_TOP, target);
        }
        stops += trainsToStop(sequence, endTokens) ? 1 : 0;
        sequences++;
    }

    /** Whether the last target of a sequence is one of the end tokens. */
    public static boolean trainsToStop(TokenSequence sequence, int[] endTokens) {
        int[] targets = sequence.targets();
        if (targets.length == 0) {
            return false;
        }
        int last = sequence.ids()[targets[targets.length - 1]];
        for (int end : endTokens) {
            if (end == last) {
                return true;
            }
        }
        return false;
    }

    /** Hands them on. */
    public void addTo(StepMetrics metrics) {
        metrics.mean("entropy", entropy, tokens);
        metrics.mean("mean_token_accuracy", correct, tokens);
        metrics.mean("trained_to_stop", stops, sequences);
    }
}
