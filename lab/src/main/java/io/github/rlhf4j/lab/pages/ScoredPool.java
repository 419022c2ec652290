package io.github.rlhf4j.lab.pages;

import java.util.List;

/**
 * Samples of one prompt.
 *
 * @param gold hidden utilities
 * @param proxies the scores of each reward model
 */
record ScoredPool(double[] gold, List<double[]> proxies) {
    /** By one reward model, or by the mean of all of them. */
    double[] proxy(boolean ensemble) {
        double[] proxy = proxies.get(0).clone();
        for (int i = 0; ensemble && i < proxy.length; i++) {
            for (double[] other : proxies.subList(1, proxies.size())) {
                proxy[i] += other[i];
            }
            proxy[i] /= proxies.size();
        }
        return proxy;
    }
}
