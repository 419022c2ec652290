package io.github.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.core.tokenizer.TokenBytes;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NextTokenMetricsTest {
    @Test
    void bitsPerByteAreThoseOfTheTextWithoutSpecialTokens() throws URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(HuggingFaceTokenizer.class.getResource("byte-level"))
                .toURI());
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            int end = tokenizer.id("<|im_end|>").orElseThrow();
            int[] text = tokenizer.encode("caf\u00e9 au lait", false); // 13 bytes
            int[] ids = new int[text.length + 2];
            ids[0] = end; // as the begin of a text
            System.arraycopy(text, 0, ids, 1, text.length);
            ids[text.length + 1] = end;
            NextTokenMetrics metrics = new NextTokenMetrics(new int[] {end}, Optional.of(new TokenBytes(tokenizer)));
            metrics.add(outputs(text.length + 1), TokenSequence.all(ids));
            StepMetrics step = new StepMetrics();
            metrics.addTo(step);

            // every target has -ln 2 nats, one bit; the end token is none of the text's
            assertThat(step.values().get("bits_per_byte")).isCloseTo(text.length / 13.0, within(1e-12));
        }
    }

    @Test
    void withoutBytesThereIsNoSuchMetric() {
        NextTokenMetrics metrics = new NextTokenMetrics(new int[] {1});
        metrics.add(outputs(2), TokenSequence.all(new int[] {0, 2, 1}));
        StepMetrics step = new StepMetrics();
        metrics.addTo(step);
        assertThat(step.values()).containsOnlyKeys("entropy", "mean_token_accuracy", "trained_to_stop");
    }

    private static SequenceOutputs outputs(int targets) {
        return new SequenceOutputs() {
            @Override
            public int targets() {
                return targets;
            }

            @Override
            public double logProb(int target) {
                return -Math.log(2);
            }

            @Override
            public double statistic(Column column, int target) {
                return 1;
            }

            @Override
            public int scalars() {
                return 0;
            }

            @Override
            public double scalar(int scalar) {
                throw new IndexOutOfBoundsException();
            }

            @Override
            public void addLogProbGradient(int target, double gradient) {}

            @Override
            public void addEntropyGradient(int target, double gradient) {}

            @Override
            public void addScalarGradient(int scalar, double gradient) {}
        };
    }
}
