package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.Progress;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceCacheTest {
    private static final CounterRandom RANDOM = CounterRandom.of(1);

    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private int scored;

    @Test
    void computesEveryPairOnceAndThenOnlyASample() {
        ReferenceLogProbs first = cache("weights").computeOrLoad(pairs(150), this::score, RANDOM, () -> Progress.NONE);
        int computed = scored;
        ReferenceLogProbs second = cache("weights").computeOrLoad(pairs(150), this::score, RANDOM, () -> Progress.NONE);

        assertThat(computed).isEqualTo(150);
        assertThat(scored - computed).isEqualTo(8);
        assertThat(first.size()).isEqualTo(150);
        for (int i = 0; i < 150; i++) {
            assertThat(second.chosen(i)).isEqualTo(first.chosen(i)).isEqualTo(-1.5 * (i + 1));
            assertThat(second.rejected(i)).isEqualTo(first.rejected(i)).isEqualTo(-2.0 * (i + 1));
        }
        assertThat(notes).singleElement().asString().contains("150 pairs", "sample of 8 agrees");
        assertThat(warnings).isEmpty();
    }

    @Test
    void computesAgainWhereTheWeightsOrTheDataAreOthers() throws IOException {
        cache("weights").computeOrLoad(pairs(3), this::score, RANDOM, () -> Progress.NONE);
        cache("other weights").computeOrLoad(pairs(3), this::score, RANDOM, () -> Progress.NONE);
        cache("weights").computeOrLoad(pairs(4), this::score, RANDOM, () -> Progress.NONE);

        assertThat(scored).isEqualTo(10);
        assertThat(files()).hasSize(3);
    }

    @Test
    void doesNotBelieveAFileThatDisagreesWithTheReference() {
        cache("weights").computeOrLoad(pairs(3), pairs -> new double[2 * pairs.size()], RANDOM, () -> Progress.NONE);

        ReferenceLogProbs rebuilt = cache("weights").computeOrLoad(pairs(3), this::score, RANDOM, () -> Progress.NONE);

        assertThat(rebuilt.chosen(2)).isEqualTo(-4.5);
        assertThat(warnings).singleElement().asString().contains("does not agree");
    }

    @Test
    void computesAgainWhereTheFileIsDamaged() throws IOException {
        cache("weights").computeOrLoad(pairs(3), this::score, RANDOM, () -> Progress.NONE);
        Files.write(files().get(0), new byte[20]);

        assertThat(cache("weights")
                        .computeOrLoad(pairs(3), this::score, RANDOM, () -> Progress.NONE)
                        .rejected(0))
                .isEqualTo(-2);
        assertThat(scored).isEqualTo(6);
    }

    @Test
    void refusesAReferenceWhoseLogProbsAreNotFinite() {
        PairScorer broken = pairs -> new double[] {-1, Double.NaN};

        assertThatThrownBy(() -> cache("weights").computeOrLoad(pairs(1), broken, RANDOM, () -> Progress.NONE))
                .hasMessageContaining("pair 0");
    }

    private ReferenceCache cache(String weights) {
        return new ReferenceCache(folder, weights, notes::add, warnings::add);
    }

    private double[] score(List<TokenizedPair> pairs) {
        scored += pairs.size();
        return pairs.stream()
                .flatMap(pair -> Stream.of(-1.5 * pair.chosenIds()[0], -2.0 * pair.chosenIds()[0]))
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static Examples<TokenizedPair> pairs(int count) {
        return new Examples<>() {
            @Override
            public long size() {
                return count;
            }

            @Override
            public TokenizedPair get(long index) {
                return new TokenizedPair(new int[] {1}, new int[] {(int) index + 1, 2}, new int[] {7, 2});
            }
        };
    }
}
