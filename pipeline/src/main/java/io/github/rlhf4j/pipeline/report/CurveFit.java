package io.github.rlhf4j.pipeline.report;

import java.util.List;
import java.util.Optional;

/**
 * Gao et al.'s curve of reinforcement learning laid through (d, reward) by least squares: R = start + d (alpha - beta log d).
 *
 * @param start reward at d = 0
 * @param explained share of the variance that the curve explains
 */
record CurveFit(double start, OverOptimization curve, double explained) {
    private static final int LEAST_POINTS = 8;
    private static final double FITS = 0.8;

    /** The fit; empty where there are few points, the curve does not bend down or explains less than 80 % of the variance. */
    static Optional<CurveFit> through(List<LineChart.Point> points) {
        List<LineChart.Point> away =
                points.stream().filter(point -> point.step() > 0).toList();
        if (away.size() < LEAST_POINTS) {
            return Optional.empty();
        }
        double[][] equations = new double[3][4]; // of the unknowns start, alpha, beta
        for (LineChart.Point point : away) {
            double d = point.step();
            double[] factors = {1, d, -d * Math.log(d)};
            for (int row = 0; row < 3; row++) {
                for (int column = 0; column < 3; column++) {
                    equations[row][column] += factors[row] * factors[column];
                }
                equations[row][3] += factors[row] * point.value();
            }
        }
        return solved(equations)
                .filter(solution -> solution[2] > 0 && solution[1] > 0)
                .map(solution -> new CurveFit(
                        solution[0],
                        new OverOptimization(solution[1], solution[2]),
                        explained(away, solution[0], new OverOptimization(solution[1], solution[2]))))
                .filter(fit -> fit.explained() >= FITS);
    }

    private static double explained(List<LineChart.Point> points, double start, OverOptimization curve) {
        double mean =
                points.stream().mapToDouble(LineChart.Point::value).average().orElseThrow();
        double left = 0;
        double all = 0;
        for (LineChart.Point point : points) {
            double distance = point.value() - start - curve.reinforcement(point.step());
            left += distance * distance;
            all += (point.value() - mean) * (point.value() - mean);
        }
        return all == 0 ? 0 : 1 - left / all;
    }

    /** Gauss with the largest pivot; empty where the equations depend on each other. */
    private static Optional<double[]> solved(double[][] rows) {
        int n = rows.length;
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int row = column + 1; row < n; row++) {
                pivot = Math.abs(rows[row][column]) > Math.abs(rows[pivot][column]) ? row : pivot;
            }
            double[] chosen = rows[pivot];
            rows[pivot] = rows[column];
            rows[column] = chosen;
            if (Math.abs(chosen[column]) < 1e-9) {
                return Optional.empty();
            }
            for (int row = 0; row < n; row++) {
                double factor = row == column ? 0 : rows[row][column] / chosen[column];
                for (int at = column; at <= n; at++) {
                    rows[row][at] -= factor * chosen[at];
                }
            }
        }
        double[] solution = new double[n];
        for (int row = 0; row < n; row++) {
            solution[row] = rows[row][n] / rows[row][row];
        }
        return Optional.of(solution);
    }
}
