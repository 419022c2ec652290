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
import io.github.rlhf4j.judge.LocalModel;
import io.github.rlhf4j.judge.OpenAiChat;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.world.World;
import io.github.rlhf4j.world.Worlds;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
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
                        config.model(),
                        config.dataset(),
                        config.prompts(),
                        config.answers(),
                        1,
                        datasets,
                        tally,
                        context);
                Critic critic = critic(config, context);
                StageData rows = StageData.open(context, "revisions")) {
            RevisedRows revised = new RevisedRows(
                    critic,
                    config.numRevisions(),
                    rows,
                    tally,
                    truth(config, context).map(World::utility));
            CounterRandom random = context.random().derive("critic");
            LoopSettings loop = config.steps().loop(policy.prompts());
            context.show("rows", "rows");
            context.show("revised", "revised");
            context.train(
                    loop,
                    step -> { // 1. The model answers; 2. critique and revision, again and again; 3. demonstrations
                        List<Draft> drafts = drafts(
                                policy,
                                config.steps().first(step),
                                config.steps().end(step, policy.prompts()));
                        revised.revise(drafts, random.derive(step), sample -> context.sample(step, sample));
                        return StepResult.untrained(0, tally.step());
                    },
                    StageContext.Evaluation.NONE);
        }
        finish(config, tally, context);
    }

    private static List<Draft> drafts(Policy policy, long first, long end) {
        List<List<Rollout>> answers = policy.answers(first, end);
        List<Draft> drafts = new ArrayList<>();
        for (int i = 0; i < answers.size(); i++) {
            String response = answers.get(i).get(0).answer().response();
            drafts.add(new Draft(policy.prompt(first + i).prompt(), response));
        }
        return drafts;
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
                .orElseGet(() -> new ModelWriter(
                        LocalModel.open(critic.local().orElseThrow(), "critic", context), config.answers()));
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
