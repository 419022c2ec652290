package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PackedBatchTest {
    private static final int[] NONE = {};

    @Test
    void sharesThePromptWithoutItsLastToken() {
        // Prompt 1 2 3, responses 4 5 and 6: the shared segment is 1 2, each own segment begins with 3.
        TokenSequence first = TokenSequence.completion(new int[] {1, 2, 3, 4, 5}, 3);
        TokenSequence second = TokenSequence.completion(new int[] {1, 2, 3, 6}, 3);
        PackedBatch batch = PackedBatch.of(List.of(List.of(first, second)));
        assertThat(batch.tokenIds()).containsExactly(1, 2, 3, 4, 3);
        assertThat(batch.positions()).containsExactly(0, 1, 2, 3, 2);
        assertThat(batch.segmentStart()).containsExactly(0, 2, 4);
        assertThat(batch.segmentLength()).containsExactly(2, 2, 1);
        assertThat(batch.segmentParent()).containsExactly(-1, 0, 0);
        assertThat(batch.treeStart()).containsExactly(0, 3);
        assertThat(batch.targetRows()).containsExactly(2, 3, 4);
        assertThat(batch.targetTokens()).containsExactly(4, 5, 6);
        assertThat(batch.targetIndex(1, 0)).isEqualTo(2);
        assertThat(batch.unsharedTokens()).isEqualTo(9);
    }

    @Test
    void countsATargetOfTheSharedPromptOnceAndPointsAllSequencesAtIt() {
        TokenSequence first = TokenSequence.all(new int[] {1, 2, 3, 4});
        TokenSequence second = TokenSequence.all(new int[] {1, 2, 3, 5});
        PackedBatch batch = PackedBatch.of(List.of(List.of(first, second)));
        assertThat(batch.targets()).isEqualTo(4);
        assertThat(batch.targetTokens()).containsExactly(2, 3, 4, 5);
        assertThat(batch.targetIndex(0, 0)).isEqualTo(batch.targetIndex(1, 0));
        assertThat(batch.targetIndex(0, 1)).isEqualTo(batch.targetIndex(1, 1));
        assertThat(batch.targetIndex(0, 2)).isNotEqualTo(batch.targetIndex(1, 2));
    }

    @Test
    void leavesOutRowsThatFeedNothing() {
        // The end token's row predicts nothing and nobody reads it.
        PackedBatch unread = PackedBatch.ofSingles(List.of(TokenSequence.completion(new int[] {7, 8, 9}, 1)));
        assertThat(unread.rows()).isEqualTo(2);
        PackedBatch read = PackedBatch.ofSingles(List.of(TokenSequence.scoredAtEnd(new int[] {7, 8, 9})));
        assertThat(read.rows()).isEqualTo(3);
        assertThat(read.scalarRows()).containsExactly(2);
        PackedBatch neither = PackedBatch.ofSingles(List.of(new TokenSequence(new int[] {7, 8, 9}, NONE, NONE)));
        assertThat(neither.rows()).isEqualTo(3);
    }

    @Test
    void readsValuesAtTheRowsThatPredictTheTokens() {
        TokenSequence sequence =
                TokenSequence.completion(new int[] {1, 2, 3, 4}, 2).withValuesOfTargets();
        assertThat(sequence.scalarRows()).containsExactly(1, 2);
        PackedBatch batch = PackedBatch.ofSingles(List.of(sequence));
        assertThat(batch.scalarRows()).isEqualTo(batch.targetRows());
        assertThat(batch.scalarIndex(0, 1)).isEqualTo(1);
    }

    @Test
    void givesEachOfTwoIdenticalSequencesARowOfItsOwn() {
        TokenSequence sequence = TokenSequence.completion(new int[] {1, 2, 3}, 1);
        PackedBatch batch = PackedBatch.of(List.of(List.of(sequence, sequence)));
        // Needed rows 1 2 of each; shared 1, own 2 and 2.
        assertThat(batch.tokenIds()).containsExactly(1, 2, 2);
        assertThat(batch.targets()).isEqualTo(3);
    }

    @Test
    void sharesNothingWhereTheFirstTokenIsAllThatIsCommon() {
        PackedBatch batch = PackedBatch.of(List.of(List.of(
                TokenSequence.completion(new int[] {1, 2, 3}, 1), TokenSequence.completion(new int[] {1, 5, 3}, 1))));
        assertThat(batch.segmentParent()).containsExactly(-1, -1);
        assertThat(batch.treeStart()).containsExactly(0, 1, 2);
    }

    @Test
    void keepsGroupsApartAndInOrder() {
        TokenSequence a = TokenSequence.completion(new int[] {1, 2, 3, 4}, 3);
        TokenSequence b = TokenSequence.completion(new int[] {1, 2, 3, 5}, 3);
        PackedBatch batch = PackedBatch.of(List.of(List.of(a, b), List.of(a), List.of(b)));
        assertThat(batch.treeStart()).containsExactly(0, 3, 4, 5);
        assertThat(batch.group(1)).isZero();
        assertThat(batch.group(3)).isEqualTo(2);
        assertThat(batch.segmentStart()).isSorted();
    }

    @Test
    void refusesATargetWithoutARowBeforeIt() {
        assertThatThrownBy(() -> new TokenSequence(new int[] {1, 2}, new int[] {0}, NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("target 0");
        assertThatThrownBy(() -> new TokenSequence(new int[] {1, 2, 3}, new int[] {2, 1}, NONE))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
