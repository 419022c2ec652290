package io.github.rlhf4j.distill;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.NonFinite;
import io.github.rlhf4j.core.train.Objective;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Generalised knowledge distillation (Agarwal et al. 2024, arXiv:2306.13649, algorithm 1). {@link DistillStage} loads what it needs.
 *
 * <pre>
 *  for each step:
 *    1. with probability lmbda: responses of the student to the prompts;
 *       else those of the data, or with seq_kd the teacher's
 *    2. one update: the divergence of the student's distributions from the teacher's, at each token of the responses
 * </pre>
 */
final class DistillTrainer {
    private final DistillConfig config;
    private final StageContext context;
    private final Sources sources;
    private final Objective<List<TokenSequence>> objective;
    private final ModelTrainer trainer;

    /**
     * Where responses come from beside the data.
     *
     * @param student samples
     * @param teacher samples
     * @param stored the student's; empty: it samples
     * @param longestPrompt of a sample, tokens; longer ones lose their beginning
     */
    record Sources(RolloutEngine student, RolloutEngine teacher, List<List<Rollout>> stored, int longestPrompt) {}

    DistillTrainer(
            DistillConfig config,
            StageContext context,
            Sources sources,
            Objective<List<TokenSequence>> objective,
            ModelTrainer trainer) {
        this.config = config;
        this.context = context;
        this.sources = sources;
        this.objective = objective;
        this.trainer = trainer;
    }

    /** One optimiser step, numbered from 1, on rows of the data. */
    StepResult step(long number, List<List<TokenSequence>> batch) {
        // 1. Whose responses.
        CounterRandom random = context.random().derive("source").derive(number);
        boolean onPolicy = random.uniform(0) < config.imitation().lmbda();
        List<List<TokenSequence>> rows = batch;
        if (onPolicy) {
            rows = sequences(
                    number,
                    sources.stored().isEmpty()
                            ? sampled(sources.student(), number, batch)
                            : stored(number, batch.size()));
        } else if (config.imitation().seqKd()) {
            rows = sequences(number, sampled(sources.teacher(), number, batch));
        }

        // 2. Forward of both, divergence, backward, clip, update.
        StepResult result;
        try {
            result = trainer.optimize(List.of(WeightedObjective.of(rows, objective)));
        } catch (NonFinite e) {
            boolean areStored = onPolicy && !sources.stored().isEmpty();
            throw areStored ? e.at(i -> Map.of("rollout", storedAt(number, i))) : e.ofRows();
        }
        result.metrics().set("on_policy", onPolicy ? 1 : 0);
        return result;
    }

    private List<List<Rollout>> sampled(RolloutEngine engine, long number, List<List<TokenSequence>> batch) {
        List<TokenizedPrompt> prompts = batch.stream()
                .map(row -> new TokenizedPrompt(prompt(row.get(0))))
                .toList();
        return engine.sample(prompts, context.random().derive("generation").derive(number));
    }

    /** What comes before the first target. */
    private int[] prompt(TokenSequence row) {
        int length = row.targets().length == 0 ? row.length() : row.targets()[0];
        return Arrays.copyOfRange(row.ids(), Math.max(0, length - sources.longestPrompt()), length);
    }

    /** Those of the file that are the step's, which begin again at its end. */
    private List<List<Rollout>> stored(long number, int count) {
        List<List<Rollout>> groups = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            groups.add(sources.stored().get(storedAt(number, i)));
        }
        return groups;
    }

    private int storedAt(long number, int place) {
        long at = (number - 1) * config.training().batchSize() + place;
        return (int) (at % sources.stored().size());
    }

    private List<List<TokenSequence>> sequences(long number, List<List<Rollout>> groups) {
        List<List<TokenSequence>> rows = new ArrayList<>();
        for (Rollout rollout : Rollout.flat(groups)) {
            rows.add(List.of(rollout.sequence()));
            Map<String, Object> sample = new LinkedHashMap<>();
            sample.put("prompt", rollout.answer().prompt());
            sample.put("response", rollout.answer().response());
            sample.put("length", rollout.tokens());
            sample.put("ended", rollout.ended());
            context.sample(number, sample);
        }
        return rows;
    }
}
