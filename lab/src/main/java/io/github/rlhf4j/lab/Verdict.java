package io.github.rlhf4j.lab;

import io.github.rlhf4j.experiment.Estimate;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Whether a claim holds.
 *
 * @param numbers what was compared, in words
 */
record Verdict(String says, boolean holds, String numbers) {
    private static final double CONFIDENCE = 0.95;

    static Verdict of(Page.Claim claim, List<Group> groups, Map<Long, List<Group>> bySeed) {
        double of = mean(claim.of(), groups);
        StringBuilder numbers = new StringBuilder(text(of));
        boolean holds = Double.isFinite(of);
        if (claim.above() != null) {
            double least = mean(claim.above(), groups);
            holds &= of > least + claim.by();
            numbers.append(" against at least ").append(text(least + claim.by()));
        }
        if (claim.below() != null) {
            double most = mean(claim.below(), groups);
            holds &= of < most - claim.by();
            numbers.append(" against at most ").append(text(most - claim.by()));
        }
        numbers.append(difference(claim, bySeed));
        return new Verdict(claim.says(), holds, numbers.toString());
    }

    /** How much of it is chance: the difference in each seed, with its 95 % interval; nothing where seeds do not have both. */
    private static String difference(Page.Claim claim, Map<Long, List<Group>> bySeed) {
        Page.Mean other = claim.above() != null ? claim.above() : claim.below();
        if (other == null || (claim.above() != null && claim.below() != null)) {
            return "";
        }
        double[] differences = bySeed.values().stream()
                .mapToDouble(groups -> mean(claim.of(), groups) - mean(other, groups))
                .filter(Double::isFinite)
                .toArray();
        Estimate estimate = Estimate.of(differences);
        return differences.length < 2
                ? ""
                : "; difference " + text(estimate.mean()) + " +- " + text(estimate.halfWidth(CONFIDENCE)) + " over "
                        + differences.length + " seeds";
    }

    /** The mean over the groups that match; NaN where none does, so that no claim about it holds. */
    static double mean(Page.Mean mean, List<Group> groups) {
        if (mean.metric().isEmpty()) {
            return mean.number();
        }
        return groups.stream()
                .filter(group -> group.matches(mean.where()) && group.metrics().containsKey(mean.metric()))
                .mapToDouble(group -> group.number(mean.metric()))
                .average()
                .orElse(Double.NaN);
    }

    private static String text(double number) {
        return String.format(Locale.ROOT, "%.4g", number);
    }
}
