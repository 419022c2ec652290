package io.github.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.train.Examples;
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
            assertThat(second.of(i)).containsExactly(first.of(i)).containsExactly(-1.5 * (i + 1), -2.0 * (i + 1));
        }
        assertThat(notes).singleElement().asString().contains("150 examples", "sample of 8 agrees");
        assertThat(warnings).isEmpty();
    }

    @Test
    void givesAsManyPiecesAtOnceAsAreWantedAndEachIsTheSame() {
        List<Integer> sizes = new ArrayList<>();
        List<Integer> together = new ArrayList<>();
        ResponseLogProbs three = new ResponseLogProbs() {
            @Override
            public double[][] score(List<List<TokenSequence>> groups) {
                sizes.add(groups.size());
                return ReferenceCacheTest.this.score(groups);
            }

            @Override
            public List<double[][]> scoreEach(List<List<List<TokenSequence>>> pieces) {
                together.add(pieces.size());
                return ResponseLogProbs.super.scoreEach(pieces);
            }

            @Override
            public int pieces() {
                return 3;
            }
        };
        ReferenceLogProbs known = cache("weights").computeOrLoad(pairs(300), three, RANDOM, () -> Progress.NONE);

        assertThat(together).containsExactly(3, 2);
        assertThat(sizes).containsExactly(64, 64, 64, 64, 44); // as with one piece at a time
        assertThat(known.of(299)).containsExactly(-1.5 * 300, -2.0 * 300);
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
        cache("weights")
                .computeOrLoad(pairs(3), examples -> new double[examples.size()][2], RANDOM, () -> Progress.NONE);

        ReferenceLogProbs rebuilt = cache("weights").computeOrLoad(pairs(3), this::score, RANDOM, () -> Progress.NONE);

        assertThat(rebuilt.of(2)[0]).isEqualTo(-4.5);
        assertThat(warnings).singleElement().asString().contains("does not agree");
    }

    @Test
    void computesAgainWhereTheFileIsDamaged() throws IOException {
        cache("weights").computeOrLoad(pairs(3), this::score, RANDOM, () -> Progress.NONE);
        Files.write(files().get(0), new byte[20]);

        assertThat(cache("weights")
                        .computeOrLoad(pairs(3), this::score, RANDOM, () -> Progress.NONE)
                        .of(0)[1])
                .isEqualTo(-2);
        assertThat(scored).isEqualTo(6);
    }

    @Test
    void findsAFlippedBitInAValueThatNoSampleLooksAt() throws IOException {
        cache("weights").computeOrLoad(pairs(150), this::score, RANDOM, () -> Progress.NONE);
        byte[] bytes = Files.readAllBytes(files().get(0));
        bytes[bytes.length / 2] ^= 1;
        Files.write(files().get(0), bytes);

        ReferenceLogProbs again = cache("weights").computeOrLoad(pairs(150), this::score, RANDOM, () -> Progress.NONE);

        for (int i = 0; i < 150; i++) {
            assertThat(again.of(i)).containsExactly(-1.5 * (i + 1), -2.0 * (i + 1));
        }
        assertThat(warnings).singleElement().asString().contains("was damaged and is made again");
    }

    @Test
    void refusesAReferenceWhoseLogProbsAreNotFinite() {
        ResponseLogProbs broken = examples -> new double[][] {{-1, Double.NaN}};

        assertThatThrownBy(() -> cache("weights").computeOrLoad(pairs(1), broken, RANDOM, () -> Progress.NONE))
                .hasMessageContaining("example 0");
    }

    private ReferenceCache cache(String weights) {
        return new ReferenceCache(folder, weights, notes::add, warnings::add);
    }

    private double[][] score(List<List<TokenSequence>> examples) {
        scored += examples.size();
        return examples.stream()
                .map(responses -> new double[] {
                    -1.5 * responses.get(0).ids()[1], -2.0 * responses.get(0).ids()[1]
                })
                .toArray(double[][]::new);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static Examples<List<TokenSequence>> pairs(int count) {
        return Examples.of(
                count,
                index -> ResponseLayout.pair(
                        new TokenizedPair(new int[] {1}, new int[] {(int) index + 1, 2}, new int[] {7, 2})));
    }
}
