package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PairAccuracyTest {
    @Test
    void takesTheComparisonsOfAPromptAsOneCluster() {
        PairAccuracy accuracy = new PairAccuracy();
        for (int i = 0; i < 4; i++) {
            accuracy.add(new int[] {1, 2}, i < 3 ? 1 : 0, 1);
            accuracy.add(new int[] {1, 3}, i < 1 ? 1 : 0, 1);
        }

        // 3 of 4 and 1 of 4: r = 1/2; residuals 1 and -1; error sqrt(2 / 1 * 2) / 8 = 1/4
        assertThat(accuracy.standardError().orElseThrow()).isCloseTo(0.25, within(1e-15));
    }

    @Test
    void isNotKnownOfOnePrompt() {
        PairAccuracy accuracy = new PairAccuracy();
        assertThat(accuracy.standardError()).isEmpty();
        accuracy.add(new int[] {1, 2}, 1, 1);
        accuracy.add(new int[] {1, 2}, 0, 1);
        assertThat(accuracy.standardError()).isEmpty();
    }
}
