package io.github.rlhf4j.web.runs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.CounterRandom;
import org.junit.jupiter.api.Test;

class PointsTest {
    private static Points random(int size) {
        CounterRandom random = CounterRandom.of(5);
        double[] x = new double[size];
        float[] y = new float[size];
        for (int i = 0; i < size; i++) {
            x[i] = i + 1;
            y[i] = (float) random.uniform(i);
        }
        return new Points(x, y);
    }

    @Test
    void decimationKeepsThePeaksAndTheOrderInFewPoints() {
        Points points = random(100_000);
        points.y()[77_123] = 1e6f;
        points.y()[12_345] = -1e6f;
        Points some = points.decimated(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 500);
        assertThat(some.size()).isLessThanOrEqualTo(1000).isGreaterThan(900);
        assertThat(some.y()).contains(1e6f, -1e6f);
        assertThat(some.x()).isSorted().contains(77_124.0, 12_346.0);
    }

    @Test
    void fewPointsAreAllThere() {
        Points points = random(900);
        assertThat(points.decimated(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, 500)
                        .x())
                .isEqualTo(points.x());
    }

    @Test
    void zoomShowsEveryPointInsideAndOneOnEachSide() {
        Points some = random(100_000).decimated(5_000, 5_010, 500);
        assertThat(some.x()).startsWith(4_999).endsWith(5_011).hasSize(13);
    }

    @Test
    void smoothingBeginsWithoutABias() {
        Points smooth = new Points(new double[] {1, 2, 3}, new float[] {4, 4, 1}).smoothed(0.5);
        // (.5 * 4) / .5; (.25 * 4 + .5 * 4) / .75; (.125 * 4 + .25 * 4 + .5 * 1) / .875
        assertThat(smooth.y()).containsExactly(4, 4, (float) (2 / .875));
    }

    @Test
    void anAxisOfAnotherMetricTakesTheLastOneBefore() {
        Points.Axis tokens = Points.Axis.of(new Points(new double[] {10, 20}, new float[] {1000, 2000}));
        Points moved = new Points(new double[] {5, 10, 15, 30}, new float[] {1, 2, 3, 4}).at(tokens);
        assertThat(moved.x()).containsExactly(1000, 1000, 2000);
        assertThat(moved.y()).containsExactly(2, 3, 4);
    }

    @Test
    void equalPlacesAreOneColumn() {
        Points same = new Points(new double[5000], new float[5000]);
        same.y()[17] = 2;
        assertThat(same.decimated(-1, 1, 10).y()).hasSize(2).contains(2);
    }
}
