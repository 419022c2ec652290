package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.TokenizedUnpaired;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BiPredicate;
import java.util.function.LongFunction;

/**
 * Finds each row a response that belongs to another prompt, for KTO's estimate of the divergence: the nearest before it in its batch, going round as TRL does, whose prompt is another; where the batch has none
 * (it is one row, or all of one prompt), one of the other rows of the data.
 *
 * <p>TRL takes the row before, whatever its prompt is; that is the same choice unless that row has the same prompt.
 */
final class MismatchedResponses {
    private static final int RETOKENIZED =
            2; // tokens by which one prompt's ids may differ, where its end and a response's beginning are one token

    private final Examples<TokenizedUnpaired> rows;
    private final TokenizingOptions options;
    private final BiPredicate<TokenizedUnpaired, TokenizedUnpaired> areRelated;
    private final OptionalInt bosId;
    private final int moved;
    private final boolean onePrompt;

    /**
     * @param rows all that a response may be taken from
     * @param bosId what prompts may begin with, which is kept when they are cut
     * @param boundariesMove whether one prompt's ids may end otherwise before another response
     */
    MismatchedResponses(
            Examples<TokenizedUnpaired> rows, TokenizingOptions options, OptionalInt bosId, boolean boundariesMove) {
        this.rows = rows;
        this.bosId = bosId;
        this.moved = boundariesMove ? RETOKENIZED : 0;
        this.options = options;
        this.onePrompt = isOnePrompt();
        this.areRelated = onePrompt ? MismatchedResponses::sameResponse : this::samePrompt;
    }

    /** Whether all rows have the same prompt, so that other responses are all there is to take. */
    boolean onePrompt() {
        return onePrompt;
    }

    private boolean isOnePrompt() {
        for (long i = 1; i < rows.size(); i++) {
            if (!samePrompt(rows.get(0), rows.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** The rows of a batch. */
    List<KtoTokens> ofBatch(List<TokenizedUnpaired> batch) {
        List<KtoTokens> tokens = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            tokens.add(of(position -> batch.get(Math.toIntExact(position)), batch.size(), i));
        }
        return tokens;
    }

    /** {@code examples} in batches of file order. */
    Examples<KtoTokens> inFileOrder(Examples<TokenizedUnpaired> examples, int batchSize) {
        return Examples.of(
                examples.size(),
                index -> {
                    long first = index - index % batchSize;
                    long size = Math.min(batchSize, examples.size() - first);
                    return of(position -> examples.get(first + position), size, index - first);
                },
                examples::describe);
    }

    private KtoTokens of(LongFunction<TokenizedUnpaired> batch, long size, long index) {
        TokenizedUnpaired row = batch.apply(index);
        for (long back = 1; back < size; back++) {
            TokenizedUnpaired other = batch.apply((index - back + size) % size);
            if (!areRelated.test(row, other)) {
                return new KtoTokens(row, mismatched(row, other));
            }
        }
        for (long i = 0; i < rows.size(); i++) {
            TokenizedUnpaired other = rows.get((index + i) % rows.size());
            if (!areRelated.test(row, other)) {
                return new KtoTokens(row, mismatched(row, other));
            }
        }
        return new KtoTokens(row, mismatched(row, batch.apply((index - 1 + size) % size)));
    }

    private static boolean sameResponse(TokenizedUnpaired one, TokenizedUnpaired other) {
        return Arrays.equals(one.completionIds(), other.completionIds());
    }

    /** Whether two rows' prompts are one text: the same ids, but for what max_length cut from the left of one and for its last tokens. */
    private boolean samePrompt(TokenizedUnpaired one, TokenizedUnpaired other) {
        boolean isShorter = one.promptIds().length < other.promptIds().length;
        int[] shorter = (isShorter ? one : other).promptIds();
        int[] longer = (isShorter ? other : one).promptIds();
        if (Arrays.equals(shorter, longer)) {
            return true;
        }
        boolean isNearlyAsLong = shorter.length > moved && longer.length - shorter.length <= moved;
        if (isNearlyAsLong && Arrays.equals(shorter, 0, shorter.length, longer, 0, shorter.length)) {
            return true;
        }
        boolean isCut = shorter.length + (isShorter ? one : other).completionIds().length == options.maxLength();
        int kept = shorter.length - 1; // the first may be BOS, which is kept
        return isCut
                && kept > 0
                && Arrays.equals(shorter, 1, shorter.length, longer, longer.length - kept, longer.length);
    }

    /** Cut to max_length as rows are: from the left of the prompt after its BOS, or with keep_start from the end. */
    private TokenSequence mismatched(TokenizedUnpaired row, TokenizedUnpaired other) {
        int[] prompt = row.promptIds();
        int[] response = other.completionIds();
        int excess = Math.max(0, prompt.length + response.length - options.maxLength());
        if (options.truncationMode() == TruncationMode.KEEP_START) {
            return ResponseLayout.response(prompt, Arrays.copyOf(response, response.length - excess));
        }
        int[] kept = Arrays.copyOfRange(prompt, excess, prompt.length);
        if (bosId.isPresent() && prompt[0] == bosId.getAsInt()) {
            kept[0] = prompt[0];
        }
        return ResponseLayout.response(kept, response);
    }
}
