package io.github.rlhf4j.distill;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.Divergence;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Teacher;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.CompanionModel;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.train.Examples;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.datasets.tokens.TokenizedSequence;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ExampleKind;
import io.github.rlhf4j.datasets.training.ModelText;
import io.github.rlhf4j.datasets.training.TrainingData;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import io.github.rlhf4j.rollout.StoredGroup;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The stage {@code distill}: checks a config, loads models and data, and lets a {@link DistillTrainer} run on them. */
public final class DistillStage implements Stage<DistillConfig> {
    private static final int ONE = 1; // sample a prompt

    private final TrainingData data;

    @Inject
    DistillStage(TrainingData data) {
        this.data = data;
    }

    @Override
    public Class<DistillConfig> configType() {
        return DistillConfig.class;
    }

    @Override
    public void check(DistillConfig config) {
        config.tuning().check(config.model(), Set.of(Head.LANGUAGE));
        teacher(config).check(config.data().maxLength());
        Optional<ModelOutline> model = config.model().outline();
        model.ifPresent(known -> longestPrompt(config, known.context()));
        if (config.needsResponses()) {
            data.check(config.data(), ExampleKind.DEMONSTRATIONS, model);
        } else {
            data.check(config.data(), ExampleKind.PROMPTS, model);
        }
        config.rollouts().ifPresent(spec -> StoredGroup.check(spec, ONE, model));
    }

    @Override
    public Optional<ModelOutline> outline(DistillConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(DistillConfig config, StageContext context) {
        Path source = config.model().directory();
        try (ModelText text = ModelText.open(source, context.cacheDirectory());
                Transformer model = config.tuning().load(config.model(), Set.of(Head.LANGUAGE), context)) {
            int positions = model.config().maxPositions();
            teacher(config)
                    .checkFolders(
                            config.data().maxLength() == 0
                                    ? positions
                                    : config.data().maxLength());
            try (Transformer teacher = config.teacherModel().load(Set.of(Head.LANGUAGE), context.kernels());
                    Teacher imitated = new Teacher(
                            teacher, new Divergence(config.imitation().beta()));
                    SharedModel student = context.cluster().share("student", model);
                    SharedModel sharedTeacher = context.cluster().share("teacher", teacher)) {
                train(config, context, text, student, sharedTeacher, imitated);
            }
            config.tuning().saveAndMerge(model, config.model(), context);
            model.save(
                    context.directory().resolve("model"),
                    Optional.of(source),
                    config.training().save().format());
        }
    }

    private void train(
            DistillConfig config,
            StageContext context,
            ModelText text,
            SharedModel student,
            SharedModel teacher,
            Teacher imitated) {
        Transformer model = student.model();
        int positions = model.config().maxPositions();
        SamplingOptions sampling = SamplingOptions.sampling(
                config.imitation().temperature(),
                config.imitation().maxNewTokens(),
                text.tokenizer().stopIds());
        List<List<Rollout>> stored = config.rollouts()
                .map(spec -> StoredGroup.read(spec, ONE, model.config()).stream()
                        .map(group -> group.rollouts(text.tokenizer()))
                        .toList())
                .orElse(List.of());
        DistillTrainer.Sources sources = new DistillTrainer.Sources(
                new RolloutEngine(student, text.tokenizer(), sampling, ONE),
                new RolloutEngine(teacher, text.tokenizer(), sampling, ONE),
                stored,
                longestPrompt(config, positions));
        Rows rows = load(config, text, positions, context);
        DivergenceObjective objective = new DivergenceObjective(imitated);
        StageLoop<List<TokenSequence>> loop = StageLoop.of(context, config.training(), rows.train())
                .show("loss", "loss")
                .show("accuracy", "mean_token_accuracy")
                .evaluate(rows.eval(), model, objective)
                .afterStep(step -> student.changed());
        try (ModelTrainer trainer =
                loop.trainer("student", model, config.training().learningRate())) {
            DistillTrainer recipe = new DistillTrainer(config, context, sources, objective, trainer);
            loop.run(recipe::step);
        }
    }

    /** What to learn from, and the evaluation sets by name. */
    private record Rows(Examples<List<TokenSequence>> train, Map<String, Examples<List<TokenSequence>>> eval) {}

    private Rows load(DistillConfig config, ModelText text, int positions, StageContext context) {
        TokenizingOptions options = config.data().tokenizing(positions, true, false);
        if (config.needsResponses()) {
            TrainingData.Split<TokenizedSequence> split =
                    data.load(config.data(), ExampleKind.DEMONSTRATIONS, text.cache(), options, context);
            return new Rows(TrainingData.sequences(split.train()), split.eachEval(TrainingData::sequences));
        }
        return new Rows(
                data.load(config.data(), ExampleKind.PROMPTS, text.cache(), options, context)
                        .train()
                        .map(prompt -> List.of(new TokenSequence(prompt.ids(), new int[0], new int[0]))),
                Map.of());
    }

    private static CompanionModel teacher(DistillConfig config) {
        return new CompanionModel("teacher_model", config.teacherModel(), config.model(), true);
    }

    /** What leaves room for a sample. */
    private static int longestPrompt(DistillConfig config, int positions) {
        int room = positions - config.imitation().maxNewTokens();
        if (config.imitation().samples() && room < 1) {
            throw new UserError("max_new_tokens " + config.imitation().maxNewTokens()
                    + " must leave room for a prompt in the model's context of " + positions + " tokens");
        }
        return Math.max(1, room);
    }
}
