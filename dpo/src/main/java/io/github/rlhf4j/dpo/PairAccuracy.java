package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.math.ClusteredRatio;
import java.nio.IntBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** How sure a measured share of right comparisons is, where those of one prompt are not independent: pairs of one ranking, several pairs of one prompt. */
final class PairAccuracy implements Comparisons {
    private final Map<IntBuffer, double[]> prompts = new LinkedHashMap<>(); // {right, compared}

    @Override
    public void add(int[] promptIds, double right, double compared) {
        double[] sums = prompts.computeIfAbsent(IntBuffer.wrap(promptIds), prompt -> new double[2]);
        sums[0] += right;
        sums[1] += compared;
    }

    /** Of the share of all comparisons that are right; absent where there are fewer than two prompts. */
    OptionalDouble standardError() {
        return prompts.isEmpty()
                ? OptionalDouble.empty()
                : ClusteredRatio.of(
                                prompts.values().stream()
                                        .mapToDouble(sums -> sums[0])
                                        .toArray(),
                                prompts.values().stream()
                                        .mapToDouble(sums -> sums[1])
                                        .toArray())
                        .standardError();
    }
}
