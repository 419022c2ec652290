package io.github.rlhf4j.lab.recurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.tensor.DataType;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TransformerTranslatorTest {
    @Test
    void learnsToTranslateWordByWord() {
        ModelConfig config = TransformerTranslator.near(12_000, 12, 2, 2, 64);
        try (CpuKernels kernels = new CpuKernels(1);
                TransformerTranslator model =
                        new TransformerTranslator(config, 0.01, 10, kernels, CounterRandom.of(1))) {
            assertThat(model.parameters()).isBetween(11_900L, 12_100L);
            double first = model.train(batch(CounterRandom.of(0)));
            double last = first;
            for (int step = 1; step < 100; step++) {
                last = model.train(batch(CounterRandom.of(step)));
            }
            assertThat(first).isCloseTo(Math.log(12), within(0.5));
            assertThat(last).isLessThan(0.5 * first);
            List<int[]> sources = List.of(new int[] {2, 5}, new int[] {6, 3, 4});
            List<int[]> together = model.translate(sources, 8);
            assertThat(model.translate(sources.subList(1, 2), 8).get(0)).isEqualTo(together.get(1));
            assertThat(together).allSatisfy(words -> assertThat(words).doesNotContain(TokenPair.END));
        }
    }

    /** Word w becomes w + 5. */
    private static List<TokenPair> batch(CounterRandom random) {
        return IntStream.range(0, 16)
                .mapToObj(i -> {
                    int[] words = IntStream.range(0, 1 + random.below(100 + i, 4))
                            .map(t -> 2 + random.below(1000 + 10L * i + t, 5))
                            .toArray();
                    return new TokenPair(
                            words, IntStream.of(words).map(word -> word + 5).toArray());
                })
                .toList();
    }

    @Test
    void modelsOfOneSizeDifferByAFewPercent() {
        for (long parameters : List.of(60_000L, 200_000L)) {
            for (boolean attention : List.of(false, true)) {
                assertThat(RecurrentShape.near(parameters, 245, attention).parameters())
                        .isBetween(parameters * 97 / 100, parameters * 103 / 100);
            }
            ModelConfig config = TransformerTranslator.near(parameters, 245, 3, 4, 64);
            assertThat(new ModelSize(config, Set.of(Head.LANGUAGE), DataType.FLOAT).parameters())
                    .isBetween(parameters * 99 / 100, parameters * 101 / 100);
        }
    }

    @Test
    void countsTheWorkOfAllTokensForLayersAndOfTheTargetForTheHead() {
        ModelConfig config = ModelConfig.llama(12, 8, 16, 1, 2, 2, 64, true);
        try (CpuKernels kernels = new CpuKernels(1);
                TransformerTranslator model =
                        new TransformerTranslator(config, 0.01, 10, kernels, CounterRandom.of(1))) {
            // layer: 2 (4 * 64 + 3 * 8 * 16) = 1280 a token; attention: 4 * 8 * (7 + 1) / 2 = 128; head: 2 * 8 * 12 =
            // 192 a target
            assertThat(model.forwardFlops(4, 3)).isEqualTo(7 * (1280 + 128) + 3 * 192);
        }
    }
}
