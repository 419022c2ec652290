package io.github.rlhf4j.experiment;

import java.util.ArrayList;
import java.util.List;

/** A plan for the person who watches. */
final class PlanLines {
    private PlanLines() {}

    static List<String> of(ExperimentPlan plan, int jobs) {
        List<String> lines = new ArrayList<>();
        lines.add("experiment: " + plan.runs().size() + " runs in " + plan.folder() + ", " + plan.distinctStages()
                + " stages to make, " + (plan.allStages() - plan.distinctStages()) + " of " + plan.allStages()
                + " are shared" + (jobs > 1 ? ", " + jobs + " runs at a time" : ""));
        plan.runs().forEach(run -> lines.add("  " + run.values().label()));
        lines.add("metrics: " + String.join(", ", plan.metrics()) + "; compared with "
                + plan.baseline().label());
        return lines;
    }
}
