package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.LoopSettings;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageData;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.judge.Judges;
import io.github.rlhf4j.judge.OpenJudge;
import io.github.rlhf4j.world.HiddenUtility;
import io.github.rlhf4j.world.Worlds;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Preferences by a judge: a model answers prompts, the judge says which answer is better, and pairs or rankings are left for reward models and DPO; its agreement with labels is measured.
 *
 * <p>Source: Bai et al. 2022, arXiv:2212.08073, section 4.
 */
public final class JudgingStage implements Stage<JudgingConfig> {
    private static final String KEY = "judge";

    private final Datasets datasets;
    private final TrainingData data;
    private final Judges judges;
    private final Optional<Worlds> worlds;

    @Inject
    JudgingStage(Datasets datasets, TrainingData data, Judges judges, Optional<Worlds> worlds) {
        this.datasets = datasets;
        this.data = data;
        this.judges = judges;
        this.worlds = worlds;
    }

    @Override
    public Class<JudgingConfig> configType() {
        return JudgingConfig.class;
    }

    @Override
    public void check(JudgingConfig config) {
        judges.check(KEY, config.judge());
        config.dataset().requireNoneKept();
        Optional<ModelOutline> model = config.model().flatMap(ModelReference::outline);
        data.check(config.dataset(), config.model().isPresent() ? ExampleKind.PROMPTS : ExampleKind.RANKINGS, model);
        config.evalDataset().ifPresent(spec -> data.check(spec, ExampleKind.RANKINGS, Optional.empty()));
        model.ifPresent(known -> config.prompts()
                .longest(known.context(), "max_new_tokens", config.answers().tokens()));
    }

    @Override
    public Optional<String> dataFormat(JudgingConfig config) {
        return Optional.of((config.makesPairs() ? RecordKind.PREFERENCE : RecordKind.RANKING).configName());
    }

    @Override
    public void run(JudgingConfig config, StageContext context) {
        Tally tally = new Tally();
        context.register("tally", tally);
        try (CandidateSource source =
                        source(config, context, tally); // 1. Prompts with the responses of a model or of the dataset
                OpenJudge judge = judges.open(config.judge(), context);
                StageData rows = StageData.open(context, config.makesPairs() ? "pairs" : "rankings")) {
            JudgedRows judged = new JudgedRows(
                    judge,
                    source::describe,
                    rows,
                    tally,
                    config.makesPairs(),
                    config.minConfidence(),
                    truth(config, context));
            LoopSettings loop = config.steps().loop(source.rows());
            context.show("rows", "rows");
            context.show("confidence", "judge/confidence");
            context.show("accuracy", "accuracy");
            context.train(
                    loop,
                    step -> { // 2. The judge, in both orders; 3. rows for later stages
                        List<Candidates> candidates = source.get(
                                config.steps().first(step), config.steps().end(step, source.rows()));
                        judged.judge(candidates, (prompt, said) -> context.sample(step, sample(prompt, said)));
                        return StepResult.untrained(0, tally.step());
                    },
                    config.labels() // 4. Agreement with labels
                            .<StageContext.Evaluation>map(labels -> () -> agreement(labels, judge, context))
                            .orElse(StageContext.Evaluation.NONE));
            finish(config, tally, context);
        }
    }

    private static void finish(JudgingConfig config, Tally tally, StageContext context) {
        tally.summarize(context::summarize);
        long written = tally.count("rows");
        context.summarize("rows_written", written);
        context.note("%,d %s by %s"
                .formatted(
                        written,
                        config.makesPairs() ? "pairs" : "rankings",
                        config.judge().shown()));
        if (written == 0) {
            throw new UserError("judge: no row has a preference: all responses are the same or empty, or the judge ("
                    + config.judge().shown() + ") gives no verdict; look at samples.jsonl");
        }
    }

    private static Map<String, Object> sample(Candidates candidates, Map<String, Object> said) {
        Map<String, Object> sample = new LinkedHashMap<>();
        sample.put("prompt", candidates.text());
        sample.putAll(said);
        return sample;
    }

    private CandidateSource source(JudgingConfig config, StageContext context, Tally tally) {
        if (config.model().isPresent()) {
            return CandidateSource.of(Policy.open(
                    config.model().get(),
                    config.dataset(),
                    config.prompts(),
                    config.answers(),
                    config.samples(),
                    datasets,
                    tally,
                    context));
        }
        return CandidateSource.of(rankings(config.dataset(), context), context.random());
    }

    private RecordSet<Ranking> rankings(DatasetSpec spec, StageContext context) {
        RecordSet<Ranking> rows = datasets.open(spec, Ranking.class, context.dataSeed());
        rows.dropReport().lines(spec.path()).forEach(context::warn);
        return rows;
    }

    private Map<String, Double> agreement(DatasetSpec labels, OpenJudge judge, StageContext context) {
        try (RecordSet<Ranking> rows = rankings(labels, context)) {
            Agreement agreement = new JudgeEvaluation(rows, context.random()).of(judge);
            Map<String, Double> metrics = agreement.metrics();
            context.note(agreement.line(labels.path()));
            context.summarize("agreement", metrics);
            return metrics;
        }
    }

    /** The hidden utility, where prompts are the synthetic world's: what the judge says is held against it too. */
    private Optional<HiddenUtility> truth(JudgingConfig config, StageContext context) {
        return worlds.filter(known -> config.dataset().path().startsWith("synthetic:"))
                .map(known -> known.of(context.dataSeed()).utility());
    }
}
