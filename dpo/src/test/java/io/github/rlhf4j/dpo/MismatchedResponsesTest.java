package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.datasets.tokens.TokenizedUnpaired;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Prompt p is (1, p), its response r is (r, 2). */
class MismatchedResponsesTest {
    private static final TokenizingOptions LONG = TokenizingOptions.of(100);

    @Test
    void takesTheRowBeforeGoingRoundWhereItsPromptIsAnother() { // TRL's rotation
        List<TokenizedUnpaired> rows = List.of(row(10, 20), row(11, 21), row(12, 22));

        assertThat(responses(of(rows).ofBatch(rows))).containsExactly(22, 20, 21);
    }

    @Test
    void neverTakesAResponseToTheRowsOwnPrompt() {
        List<TokenizedUnpaired> pairs =
                List.of(row(10, 20), row(10, 30), row(11, 21), row(11, 31), row(12, 22), row(12, 32));

        assertThat(responses(of(pairs).ofBatch(pairs))).containsExactly(32, 32, 30, 30, 31, 31);
        assertThat(responses(of(pairs).inFileOrder(Examples.of(6, i -> pairs.get((int) i)), 6)))
                .containsExactly(32, 32, 30, 30, 31, 31);
    }

    @Test
    void looksInTheOtherRowsWhereItsBatchHasNoOtherPrompt() {
        List<TokenizedUnpaired> rows = List.of(row(10, 20), row(10, 30), row(11, 21), row(12, 22), row(12, 32));
        Examples<TokenizedUnpaired> examples = Examples.of(5, i -> rows.get((int) i));

        assertThat(responses(of(rows).inFileOrder(examples, 2))).containsExactly(21, 21, 22, 21, 20); // the last alone
        assertThat(responses(of(rows).ofBatch(rows.subList(4, 5)))).containsExactly(20);
        assertThat(responses(of(rows).ofBatch(rows.subList(0, 2)))).containsExactly(21, 21);
    }

    @Test
    void knowsAPromptThatWasCutOnTheLeftOrTokenisedWithAnotherResponse() {
        TokenizingOptions eight = TokenizingOptions.of(8);
        TokenizedUnpaired whole = new TokenizedUnpaired(new int[] {1, 5, 6, 7, 8}, new int[] {20, 2}, true);
        TokenizedUnpaired cut = new TokenizedUnpaired(new int[] {1, 7, 8}, new int[] {30, 31, 32, 33, 2}, false);
        TokenizedUnpaired merged = new TokenizedUnpaired(new int[] {1, 5, 6, 7}, new int[] {40, 2}, true);
        TokenizedUnpaired other = new TokenizedUnpaired(new int[] {1, 9}, new int[] {50, 2}, true);
        List<TokenizedUnpaired> rows = List.of(other, whole, cut, merged);
        MismatchedResponses mismatched =
                new MismatchedResponses(Examples.of(4, i -> rows.get((int) i)), eight, OptionalInt.of(1), true);

        assertThat(responses(mismatched.ofBatch(List.of(other, whole, cut)))).containsExactly(30, 50, 50);
        assertThat(responses(mismatched.ofBatch(List.of(other, whole, merged)))).containsExactly(40, 50, 50);
    }

    @Test
    void takesAPromptThatIsAnothersBeginningForAnotherWhereBoundariesStay() { // "item 1" and "item 12"
        TokenizedUnpaired one = new TokenizedUnpaired(new int[] {1, 5, 6}, new int[] {20, 2}, true);
        TokenizedUnpaired twelve = new TokenizedUnpaired(new int[] {1, 5, 6, 7}, new int[] {30, 2}, true);
        TokenizedUnpaired other = new TokenizedUnpaired(new int[] {1, 9}, new int[] {50, 2}, true);
        List<TokenizedUnpaired> rows = List.of(other, one, twelve);

        assertThat(responses(of(rows).ofBatch(rows))).containsExactly(30, 50, 20);
    }

    @Test
    void cutsAsRowsAreCut() {
        TokenizedUnpaired asks = new TokenizedUnpaired(new int[] {1, 5, 6, 7}, new int[] {2}, true);
        TokenizedUnpaired answers = new TokenizedUnpaired(new int[] {1, 9}, new int[] {21, 22, 2}, true);
        List<TokenizedUnpaired> rows = List.of(asks, answers);

        assertThat(mismatched(rows, TokenizingOptions.of(5))).containsExactly(1, 7, 21, 22, 2);
        assertThat(mismatched(rows, TokenizingOptions.of(5).withTruncationMode(TruncationMode.KEEP_START)))
                .containsExactly(1, 5, 6, 7, 21);
    }

    @Test
    void takesOtherResponsesWhereAllRowsHaveOnePrompt() {
        List<TokenizedUnpaired> rows = List.of(row(10, 20), row(10, 21), row(10, 21));

        assertThat(of(rows).onePrompt()).isTrue();
        assertThat(of(List.of(row(10, 20), row(11, 20))).onePrompt()).isFalse();
        assertThat(responses(of(rows).ofBatch(rows))).containsExactly(21, 20, 20);
    }

    private static int[] mismatched(List<TokenizedUnpaired> rows, TokenizingOptions options) {
        return new MismatchedResponses(Examples.of(2, i -> rows.get((int) i)), options, OptionalInt.of(1), false)
                .ofBatch(rows)
                .get(0)
                .mismatched()
                .ids();
    }

    private static MismatchedResponses of(List<TokenizedUnpaired> rows) {
        return new MismatchedResponses(
                Examples.of(rows.size(), i -> rows.get((int) i)), LONG, OptionalInt.empty(), false);
    }

    private static TokenizedUnpaired row(int prompt, int response) {
        return new TokenizedUnpaired(new int[] {1, prompt}, new int[] {response, 2}, true);
    }

    private static List<Integer> responses(Examples<KtoTokens> tokens) {
        return responses(
                LongStream.range(0, tokens.size()).mapToObj(tokens::get).toList());
    }

    /** The first token of each mismatched response. */
    private static List<Integer> responses(List<KtoTokens> tokens) {
        return tokens.stream()
                .map(one -> one.mismatched().ids()[one.mismatched().targets()[0]])
                .toList();
    }
}
