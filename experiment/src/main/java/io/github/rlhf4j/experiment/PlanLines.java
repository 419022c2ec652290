package io.github.rlhf4j.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A plan for the person who watches. */
final class PlanLines {
    private PlanLines() {}

    static List<String> of(ExperimentPlan plan, int jobs) {
        List<String> lines = new ArrayList<>();
        lines.add("experiment: " + plan.runs().size() + " runs in " + plan.folder() + ", " + plan.distinctStages()
                + " stages to make, " + (plan.allStages() - plan.distinctStages()) + " of " + plan.allStages()
                + " are shared" + (jobs > 1 ? ", " + jobs + " runs at a time" : ""));
        plan.runs().forEach(run -> lines.add("  " + run.values().label()));
        lines.add(cost(Costs.of(plan.runs(), Runtime.getRuntime().availableProcessors()), jobs));
        lines.add("metrics: " + String.join(", ", plan.metrics()) + "; compared with "
                + plan.baseline().label());
        return lines;
    }

    private static String cost(Costs costs, int jobs) {
        String time = costs.seconds() == 0
                ? ""
                : "about " + time(costs.seconds())
                        + (costs.isMeasured()
                                ? ", one stage after the other, as such stages have taken"
                                : ", one stage after the other, by the size of models and the tokens of steps");
        String unknown = costs.unknown().isEmpty()
                ? ""
                : (time.isEmpty() ? "" : "; and ") + "not known before one has run: "
                        + String.join(", ", costs.unknown());
        String memory = costs.bytes() == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        "; memory: %.2f GB%s, beside the program's own",
                        costs.bytes() * (double) jobs / 1e9,
                        jobs > 1 ? " for " + jobs + " runs" : "");
        return "time: " + (time.isEmpty() && unknown.isEmpty() ? "nothing is left to make" : time + unknown) + memory;
    }

    private static String time(double seconds) {
        return seconds < 90
                ? Math.round(seconds) + " s"
                : seconds < 5400
                        ? Math.round(seconds / 60) + " min"
                        : String.format(Locale.ROOT, "%.1f hours", seconds / 3600);
    }
}
