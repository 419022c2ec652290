package io.github.rlhf4j.rlaif;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.LoopSettings;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageData;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.judge.OpenAiChat;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.world.World;
import io.github.rlhf4j.world.Worlds;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Critique and revision: a model answers prompts, a critic says what is wrong with an answer and rewrites it, and the last answers are left for SFT.
 *
 * <p>Source: Bai et al. 2022, arXiv:2212.08073, section 3.
 */
public final class ReviseStage implements Stage<RevisionConfig> {
    private final Datasets datasets;
    private final TrainingData data;
    private final Optional<Worlds> worlds;

    @Inject
    ReviseStage(Datasets datasets, TrainingData data, Optional<Worlds> worlds) {
        this.datasets = datasets;
        this.data = data;
        this.worlds = worlds;
    }

    @Override
    public Class<RevisionConfig> configType() {
        return RevisionConfig.class;
    }

    @Override
    public void check(RevisionConfig config) {
        config.dataset().requireNoneKept();
        config.criticOrModel().openai().ifPresent(server -> server.check("critic.openai"));
        Optional<ModelOutline> model = config.model().outline();
        data.check(config.dataset(), ExampleKind.PROMPTS, model);
        model.ifPresent(known -> config.prompts()
                .longest(known.context(), "max_new_tokens", config.answers().tokens()));
    }

    @Override
    public Optional<String> dataFormat(RevisionConfig config) {
        return Optional.of(RecordKind.PROMPT_COMPLETION.configName());
    }

    @Override
    public void run(RevisionConfig config, StageContext context) {
        Tally tally = new Tally();
        context.register("tally", tally);
        try (Policy policy = Policy.open(
                        config.model(), config.dataset(), config.prompts(), config.answers(), 1, datasets, context);
                Critic critic = critic(config, context);
                StageData rows = StageData.open(context, "revisions")) {
            LoopSettings loop = config.steps().loop(policy.prompts());
            context.show("rows", "rows");
            context.show("revised", "revised");
            context.train(
                    loop,
                    step -> {
                        long first = config.steps().first(step);
                        List<List<Rollout>> answers = policy.answers( // 1. The model answers
                                first,
                                config.steps().end(step, policy.prompts()),
                                context.random().derive("answers").derive(first));
                        revise(config, step, drafts(policy, first, answers, tally), critic, tally, rows, context);
                        return StepResult.untrained(0, tally.step());
                    },
                    StageContext.Evaluation.NONE);
        }
        finish(config, tally, context);
    }

    private static List<Draft> drafts(Policy policy, long first, List<List<Rollout>> answers, Tally tally) {
        List<Draft> drafts = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            Rollout answer = answers.get(i).get(0);
            tally.add("completions/mean_length", answer.tokens());
            tally.add("completions/ended", answer.ended());
            drafts.add(
                    new Draft(policy.prompt(first + i).prompt(), answer.answer().response()));
        }
        return drafts;
    }

    private void revise(
            RevisionConfig config,
            long step,
            List<Draft> drafts,
            Critic critic,
            Tally tally,
            StageData rows,
            StageContext context) {
        List<Draft> now = drafts;
        List<List<String>> critiques = new ArrayList<>();
        drafts.forEach(draft -> critiques.add(new ArrayList<>()));
        for (int round = 0; round < config.numRevisions(); round++) { // 2. Critique and revision, again and again
            CounterRandom random =
                    context.random().derive("critic").derive(step).derive(round);
            List<Critic.Revision> revisions = critic.revise(now, random);
            now = revisions.stream().map(Critic.Revision::draft).toList();
            for (int i = 0; i < revisions.size(); i++) {
                critiques.get(i).add(revisions.get(i).critique());
            }
        }
        for (int i = 0; i < drafts.size(); i++) { // 3. The last answers are demonstrations
            write(config, step, drafts.get(i), critiques.get(i), now.get(i), tally, rows, context);
        }
    }

    private void write(
            RevisionConfig config,
            long step,
            Draft first,
            List<String> critiques,
            Draft last,
            Tally tally,
            StageData rows,
            StageContext context) {
        boolean isRow = !last.response().isBlank();
        tally.add("rows", isRow);
        tally.add("revised", !last.response().equals(first.response()));
        measure(config, first, last, tally, context);
        Map<String, Object> sample = new LinkedHashMap<>();
        sample.put("prompt", Texts.of(first.prompt()));
        sample.put("response", first.response());
        sample.put("critiques", critiques);
        sample.put("revision", last.response());
        context.sample(step, sample);
        if (isRow) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("prompt", Texts.column(first.prompt()));
            row.put("completion", Texts.column(first.prompt(), last.response()));
            rows.write(row);
        }
    }

    /** On the synthetic world: what answers are worth before and after. */
    private void measure(RevisionConfig config, Draft first, Draft last, Tally tally, StageContext context) {
        truth(config, context)
                .filter(world -> world.utility().understands(Texts.of(first.prompt())))
                .ifPresent(world -> {
                    String prompt = Texts.of(first.prompt());
                    tally.add(
                            "hidden_utility",
                            world.utility().utility(prompt, first.response()).total());
                    tally.add(
                            "hidden_utility_revised",
                            world.utility().utility(prompt, last.response()).total());
                });
    }

    private Optional<World> truth(RevisionConfig config, StageContext context) {
        boolean isOfTheWorld = config.dataset().path().startsWith("synthetic:")
                || config.criticOrModel().synthetic().isPresent();
        return worlds.filter(known -> isOfTheWorld).map(known -> known.of(context.dataSeed()));
    }

    private Critic critic(RevisionConfig config, StageContext context) {
        CriticConfig critic = config.criticOrModel();
        if (critic.synthetic().isPresent()) {
            World world = truth(config, context)
                    .orElseThrow(() -> new UserError("critic: synthetic needs the synthetic world"));
            return new SyntheticCritic(critic.synthetic().get(), world);
        }
        Writer writer = critic.openai()
                .<Writer>map(server -> new ServerWriter(
                        new OpenAiChat(server, context, "critic"),
                        config.answers().hotness()))
                .orElseGet(() -> ModelWriter.open(critic.local().orElseThrow(), config.answers(), context));
        return new AskedCritic(
                writer,
                config.principles(),
                config.critiqueTokens(),
                config.answers().tokens());
    }

    private static void finish(RevisionConfig config, Tally tally, StageContext context) {
        tally.summarize(context::summarize);
        long written = tally.count("rows");
        context.summarize("rows_written", written);
        context.note("%,d answers, %,d of them revised".formatted(written, tally.count("revised")));
        if (written == 0) {
            throw new UserError("revise: all answers of " + config.model().shown()
                    + " are empty, so there is nothing to learn from");
        }
    }
}
