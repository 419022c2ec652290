package io.github.rlhf4j.lab.pages;

import java.util.List;

/** The least-squares line through points (x, y). */
record Line(double intercept, double slope) {
    static Line through(List<double[]> points) {
        double meanX = points.stream().mapToDouble(point -> point[0]).average().orElse(Double.NaN);
        double meanY = points.stream().mapToDouble(point -> point[1]).average().orElse(Double.NaN);
        double products = 0;
        double squares = 0;
        for (double[] point : points) {
            products += (point[0] - meanX) * (point[1] - meanY);
            squares += (point[0] - meanX) * (point[0] - meanX);
        }
        double slope = products / squares;
        return new Line(meanY - slope * meanX, slope);
    }
}
