package io.github.rlhf4j.lab.pages;

import java.util.List;

/** The least-squares parabola c0 + c1 x + c2 x^2 through points, x being log10 of a size: an IsoFLOP curve's. */
record Parabola(double c0, double c1, double c2) {
    static Parabola through(List<double[]> points) {
        double[][] matrix = new double[3][4]; // the normal equations
        for (double[] point : points) {
            double[] powers = {1, point[0], point[0] * point[0]};
            for (int row = 0; row < 3; row++) {
                for (int column = 0; column < 3; column++) {
                    matrix[row][column] += powers[row] * powers[column];
                }
                matrix[row][3] += powers[row] * point[1];
            }
        }
        for (int pivot = 0; pivot < 3; pivot++) {
            for (int row = 0; row < 3; row++) {
                if (row != pivot) {
                    double factor = matrix[row][pivot] / matrix[pivot][pivot];
                    for (int column = pivot; column < 4; column++) {
                        matrix[row][column] -= factor * matrix[pivot][column];
                    }
                }
            }
        }
        return new Parabola(matrix[0][3] / matrix[0][0], matrix[1][3] / matrix[1][1], matrix[2][3] / matrix[2][2]);
    }

    /** Where it is least; NaN where it opens downwards. */
    double bottom() {
        return c2 > 0 ? -c1 / (2 * c2) : Double.NaN;
    }

    double at(double x) {
        return c0 + x * (c1 + x * c2);
    }
}
