package io.github.rlhf4j.lab;

import java.util.List;
import java.util.Locale;

/**
 * Whether a claim holds.
 *
 * @param numbers what was compared, in words
 */
record Verdict(String says, boolean holds, String numbers) {
    static Verdict of(Page.Claim claim, List<Group> groups) {
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
        return new Verdict(claim.says(), holds, numbers.toString());
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
