package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.CounterRandom;
import java.util.Arrays;
import java.util.List;

/**
 * An interval for a mean of means: seeds are drawn with replacement, then prompts within each drawn seed (Davison and Hinkley 1997, section 3.8). It shows how far a result may be due to these seeds and these
 * prompts. With one seed, prompts alone are drawn.
 *
 * @param mean of the seeds' means
 * @param low 2.5 % of the draws are below
 * @param high 2.5 % of the draws are above
 * @param seeds how many
 * @param prompts of all seeds
 */
record HierarchicalBootstrap(double mean, double low, double high, int seeds, int prompts) {
    private static final int DRAWS = 2000;
    private static final double TAIL = 0.025;

    /**
     * Of values by seed and prompt.
     *
     * @param bySeed a value for each prompt of each seed; none is empty
     */
    static HierarchicalBootstrap of(List<double[]> bySeed, CounterRandom random) {
        double[] draws = new double[DRAWS];
        long counter = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            double sum = 0;
            for (int i = 0; i < bySeed.size(); i++) {
                double[] prompts = bySeed.get(random.below(counter++, bySeed.size()));
                double ofSeed = 0;
                for (int j = 0; j < prompts.length; j++) {
                    ofSeed += prompts[random.below(counter++, prompts.length)];
                }
                sum += ofSeed / prompts.length;
            }
            draws[draw] = sum / bySeed.size();
        }
        Arrays.sort(draws);
        double mean = bySeed.stream()
                .mapToDouble(prompts -> Arrays.stream(prompts).average().orElseThrow())
                .average()
                .orElseThrow();
        return new HierarchicalBootstrap(
                mean,
                draws[(int) Math.floor(TAIL * (DRAWS - 1))],
                draws[(int) Math.ceil((1 - TAIL) * (DRAWS - 1))],
                bySeed.size(),
                bySeed.stream().mapToInt(prompts -> prompts.length).sum());
    }
}
