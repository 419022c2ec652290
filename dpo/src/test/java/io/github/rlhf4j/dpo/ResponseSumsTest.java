package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResponseSumsTest {
    @Test
    void countTokensBeyondTheShortestResponseLess() {
        double[] logProbs = {-1, -2, -3, -4};

        assertThat(new ResponseSums(0.5).sum(logProbs, 2)).isCloseTo(-1 - 2 + 0.5 * (-3 - 4), within(1e-15));
        assertThat(new ResponseSums(0).sum(logProbs, 2)).isEqualTo(-3);
        assertThat(new ResponseSums(0.5).sum(logProbs, 4)).isEqualTo(-10);
        assertThat(ResponseSums.WHOLE.sum(logProbs, 1)).isEqualTo(-10);
        assertThat(ResponseSums.shared(IntStream.of(4, 2, 3))).isEqualTo(2);
    }
}
