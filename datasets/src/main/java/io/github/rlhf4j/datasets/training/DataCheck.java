package io.github.rlhf4j.datasets.training;

import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.TokenizationReport;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is said about a stage's data before it trains, a line a dataset, and stored under {@code data} in summary.json: rows, what was cut or left out, how many tokens are trained, how many sequences end with a trained end token, and how
 * many rows of an evaluation set are rows of the training set.
 *
 * <p>All of it was counted while the rows became tokens and is in the cache.
 */
final class DataCheck {
    private static final double FEW = 0.01; // of the tokens

    private final StageContext context;
    private final Map<String, Object> datasets = new LinkedHashMap<>();

    DataCheck(StageContext context) {
        this.context = context;
    }

    /**
     * Of one dataset.
     *
     * @param role the stage's key
     * @param mayBeCut whether sequences end where windows do
     */
    void add(String role, CachedExamples<?> examples, boolean mayBeCut) {
        TokenizationReport report = examples.report();
        examples.warning().ifPresent(context::warn);
        report.summary().ifPresent(line -> context.selfCheck(role, true, line));
        if (report.ended() < report.sequences() && !mayBeCut) {
            context.warn(
                    "%s: %,d of %,d sequences do not end with a trained end token: cut rows do not teach the model to stop"
                            .formatted(role, report.sequences() - report.ended(), report.sequences()));
        }
        if (report.sequences() > 0 && report.targets() < FEW * report.tokens()) {
            context.warn("%s: only %,d of %,d tokens are trained".formatted(role, report.targets(), report.tokens()));
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("rows", report.rows());
        facts.put("examples", examples.size());
        facts.put("tokens", report.tokens());
        facts.put("trained_tokens", report.targets());
        facts.put("rows_cut", report.promptsCut() + report.responsesCut());
        facts.put("rows_left_out", report.dropped() + report.untrained());
        facts.put("sequences", report.sequences());
        facts.put("sequences_ended", report.ended());
        datasets.put(role, facts);
        context.summarize("data", datasets);
    }

    /** Of an evaluation set beside a training set of other rows. */
    void compare(String role, CachedExamples<?> eval, CachedExamples<?> train) {
        long both = eval.rowsAlsoIn(train);
        if (datasets.get(role) instanceof Map<?, ?> facts) {
            Map<String, Object> more = new LinkedHashMap<>();
            facts.forEach((key, value) -> more.put(String.valueOf(key), value));
            more.put("rows_also_in_dataset", both);
            datasets.put(role, more);
            context.summarize("data", datasets);
        }
        if (both > 0) {
            context.warn(
                    "%s: %,d of %,d rows have a prompt or a text that dataset has too, so they are no held-out rows"
                            .formatted(role, both, eval.report().rows()));
        } else {
            context.note(role + ": none of its prompts or texts is in dataset");
        }
    }
}
