package io.github.rlhf4j.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Student's quantile 4.302652729749464 (97.5 %, 2 degrees) is that of tables: sqrt(2) 0.95 / sqrt(1 - 0.95^2). */
class StatisticsTest {
    private static Group group(String beta, int firstSeed, double... losses) {
        List<RunResult> runs = new ArrayList<>();
        for (int i = 0; i < losses.length; i++) {
            runs.add(new RunResult(
                    Design.values("beta", beta, "seed", firstSeed + i),
                    Map.of("loss", losses[i]),
                    Path.of("none"),
                    Optional.empty()));
        }
        return Group.of(runs, List.of("loss")).get(0);
    }

    @Test
    void aMeanHasItsErrorAndStudentsInterval() {
        Estimate estimate = Estimate.of(1, 2, 4);

        assertThat(estimate.mean()).isCloseTo(7.0 / 3, within(1e-12));
        assertThat(estimate.se()).isCloseTo(Math.sqrt(7.0 / 3 / 3), within(1e-12)); // variance (16 + 1 + 25)/9/2 = 7/3
        assertThat(estimate.halfWidth(0.95))
                .isCloseTo(estimate.se() * 4.302652729749464, within(1e-9)); // t.ppf(.975, 2)
        assertThat(Estimate.of(3).se()).isNaN();
    }

    @Test
    void groupsWithTheSameSeedsAreComparedSeedBySeed() {
        Contrast contrast = Contrast.of(
                        List.of(group("a", 1, 1.0, 2.0, 3.0), group("b", 1, 1.5, 2.7, 3.3)),
                        group("a", 1, 1.0, 2.0, 3.0),
                        "loss")
                .get(0);

        assertThat(contrast.pairs()).isEqualTo(3);
        assertThat(contrast.difference()).isCloseTo(0.5, within(1e-12));
        assertThat(contrast.p())
                .isCloseTo(
                        1 - Math.sqrt(18.75 / 20.75),
                        within(1e-9)); // t^2 = 18.75; with 2 degrees p = 1 - t / sqrt(2 + t^2)
        assertThat(contrast.low()).isCloseTo(0.5 - 4.302652729749464 * 0.2 / Math.sqrt(3), within(1e-9));
        // pooled deviation: variances 1 and 0.84; g = 0.5 / sqrt(0.92) x (1 - 3/15)
        assertThat(contrast.effect()).isCloseTo(0.5 / Math.sqrt(0.92) * 0.8, within(1e-12));
    }

    @Test
    void groupsWithOtherSeedsAreIndependentSamples() {
        Contrast contrast = Contrast.of(List.of(group("b", 11, 1.5, 2.7, 3.3)), group("a", 1, 1.0, 2.0, 3.0), "loss")
                .get(0);

        assertThat(contrast.pairs()).isZero();
        assertThat(contrast.p()).isCloseTo(0.558, within(1e-3)); // t = 0.5 / sqrt(1/3 + 0.28) = 0.6384, 3.97 degrees
    }

    @Test
    void holmMultipliesTheSmallestByAllAndKeepsTheOrder() {
        List<Contrast> contrasts = new ArrayList<>();
        for (double p : new double[] {0.04, 0.01, 0.03}) {
            contrasts.add(new Contrast("m", Design.values("beta", p), 0, 0, 0, 2, p, p, 0));
        }

        assertThat(Contrast.holm(contrasts))
                .extracting(Contrast::holm)
                .satisfiesExactly(
                        p -> assertThat(p).isCloseTo(0.06, within(1e-12)), // 0.04 x 1, but not below the one before
                        p -> assertThat(p).isCloseTo(0.03, within(1e-12)),
                        p -> assertThat(p).isCloseTo(0.06, within(1e-12)));
    }

    @Test
    void theBootstrapHasTheVarianceOfSeedsAndOfPrompts() {
        List<double[]> alike = List.of(new double[] {0, 1, 0, 1}, new double[] {0, 1, 0, 1});
        List<double[]> apart = List.of(new double[] {0, 0, 0, 0}, new double[] {1, 1, 1, 1});

        HierarchicalBootstrap ofPrompts = HierarchicalBootstrap.of(alike, CounterRandom.of(1));
        HierarchicalBootstrap ofSeeds = HierarchicalBootstrap.of(apart, CounterRandom.of(1));

        assertThat(ofPrompts.mean()).isEqualTo(0.5);
        assertThat(ofPrompts.low()).isBetween(0.0, 0.3);
        assertThat(ofSeeds.low()).isZero(); // both drawn seeds the first: a quarter of the draws
        assertThat(ofSeeds.high()).isEqualTo(1);
        assertThat(ofSeeds.prompts()).isEqualTo(8);
        assertThat(HierarchicalBootstrap.of(apart, CounterRandom.of(1))).isEqualTo(ofSeeds);
    }
}
