package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.tokenizer.TokenBytes;
import java.util.Optional;
import java.util.Set;

/**
 * What losses over next tokens report, as TRL's SFTTrainer: entropy (nats) and mean_token_accuracy, means over target tokens; trained_to_stop: the share of sequences whose last target is an end token. Where the bytes of tokens are known, bits_per_byte:
 *
 * <pre>  bits_per_byte = -(sum of log p over the targets that are text) / (ln 2 * their bytes in UTF-8)</pre>
 *
 * <p>It does not depend on the tokenizer. Special tokens are no text, so they count on neither side, as in nanochat.
 */
public final class NextTokenMetrics {
    private static final double LN_2 = Math.log(2);

    private final int[] endTokens;
    private final Optional<TokenBytes> bytesOf;
    private double logProbOfText;
    private long bytes;
    private double entropy;
    private double correct;
    private long tokens;
    private long stops;
    private long sequences;

    /** @param endTokens ids of all tokens that end a turn or a text */
    public NextTokenMetrics(int[] endTokens) {
        this(endTokens, Optional.empty());
    }

    /**
     * As the other.
     *
     * @param bytesOf the bytes of tokens, where log-probs are those of the tokens alone
     */
    public NextTokenMetrics(int[] endTokens, Optional<TokenBytes> bytesOf) {
        this.endTokens = endTokens;
        this.bytesOf = bytesOf;
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
        bytesOf.ifPresent(known -> addText(outputs, sequence, known));
        stops += trainsToStop(sequence, endTokens) ? 1 : 0;
        sequences++;
    }

    private void addText(SequenceOutputs outputs, TokenSequence sequence, TokenBytes known) {
        int[] ids = sequence.ids();
        int first = 0;
        while (first < ids.length && !known.isText(ids[first])) {
            first++;
        }
        for (int target = 0; target < outputs.targets(); target++) {
            int index = sequence.targets()[target];
            if (known.isText(ids[index])) {
                logProbOfText += outputs.logProb(target);
                bytes += index == first ? known.first(ids[index]) : known.of(ids[index]);
            }
        }
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
        metrics.mean("bits_per_byte", -logProbOfText / LN_2, bytes);
    }
}
