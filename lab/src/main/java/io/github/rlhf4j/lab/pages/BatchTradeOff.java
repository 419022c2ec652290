package io.github.rlhf4j.lab.pages;

import java.util.List;

/**
 * (S / S_min - 1) (E / E_min - 1) = 1, the steps S and examples E = B S that a loss takes with batches of B (McCandlish et al. 2018, arXiv:1812.06162, Eq. 2.11): S = S_min (1 + B_crit / B) with B_crit = E_min / S_min.
 *
 * @param leastSteps S_min, with batches without end
 * @param critical B_crit, with which a loss takes twice S_min and twice E_min
 */
record BatchTradeOff(double leastSteps, double critical) {
    /** @param steps to the loss with batches of that size */
    record Point(double batch, double steps) {}

    double steps(double batch) {
        return leastSteps * (1 + critical / batch);
    }

    /** E_min. */
    double leastExamples() {
        return leastSteps * critical;
    }

    /** By least squares of log S. */
    static BatchTradeOff fit(List<Point> points) {
        Lbfgs.Minimum best = new Lbfgs.Minimum(new double[2], Double.POSITIVE_INFINITY);
        Lbfgs.Function function = Lbfgs.differentiated(at -> value(points, of(at)));
        double fewest = points.stream().mapToDouble(Point::steps).min().orElse(1);
        for (double batch : new double[] {1, 8, 64, 512}) {
            double[] start = {Math.log(fewest), Math.log(batch)};
            Lbfgs.Minimum found = Lbfgs.minimise(function, start, 500);
            best = found.value() < best.value() ? found : best;
        }
        return of(best.at());
    }

    private static BatchTradeOff of(double[] at) {
        return new BatchTradeOff(Math.exp(at[0]), Math.exp(at[1]));
    }

    private static double value(List<Point> points, BatchTradeOff law) {
        double sum = 0;
        for (Point point : points) {
            double residual = Math.log(law.steps(point.batch()) / point.steps());
            sum += residual * residual;
        }
        return sum;
    }
}
