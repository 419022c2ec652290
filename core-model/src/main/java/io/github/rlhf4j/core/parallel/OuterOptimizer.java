package io.github.rlhf4j.core.parallel;

/**
 * The outer step of DiLoCo (Douillard et al. 2023, arXiv:2311.08105, Algorithm 1), stochastic gradient descent with Nesterov's momentum in PyTorch's form, on the mean of the replicas' differences as the gradient:
 *
 * <pre>
 *   g = 1 / M sum of (theta - theta_m)
 *   v = mu v + g
 *   theta = theta - eta (g + mu v)
 * </pre>
 *
 * @param learningRate eta
 * @param momentum mu; 0: v is not kept
 */
public record OuterOptimizer(double learningRate, double momentum) {
    /**
     * Updates a piece in place, in double.
     *
     * @param weights theta
     * @param velocity v; not looked at without momentum
     * @param sums of the differences of all replicas
     * @return the sum of the squares of g
     */
    double stepInPlace(float[] weights, float[] velocity, double[] sums, int replicas, int count) {
        double squares = 0;
        for (int i = 0; i < count; i++) {
            double gradient = sums[i] / replicas;
            squares += gradient * gradient;
            double direction = gradient;
            if (momentum > 0) {
                double moved = momentum * velocity[i] + gradient;
                velocity[i] = (float) moved;
                direction += momentum * moved;
            }
            weights[i] = (float) (weights[i] - learningRate * direction);
        }
        return squares;
    }
}
