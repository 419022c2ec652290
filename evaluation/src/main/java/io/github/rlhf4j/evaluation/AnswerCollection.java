package io.github.rlhf4j.evaluation;

import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.datasets.training.ModelText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Lets one model after the other answer all prompts, and measures how far each is from the baseline; no more than two models are in memory. */
final class AnswerCollection {
    private final EvaluateConfig config;
    private final EvaluationPrompts prompts;
    private final StageContext context;
    private final AnswerSampler sampler;
    private final Divergence divergence;
    private final Map<String, SampledText> sampled = new HashMap<>();

    AnswerCollection(EvaluateConfig config, EvaluationPrompts prompts, StageContext context) {
        this.config = config;
        this.prompts = prompts;
        this.context = context;
        this.sampler = new AnswerSampler(config, context);
        this.divergence = new Divergence(context.cluster(), config.sampling().logProbTemperature());
    }

    /** All models' answers, in the order of the config. */
    List<ModelAnswers> collect() {
        List<ModelAnswers> models = new ArrayList<>();
        ModelReference baselineModel = config.baselineModel();
        try (Transformer baseline = load(baselineModel)) {
            for (ModelReference model : config.models()) {
                if (model.equals(baselineModel)) {
                    models.add(answers(model, baseline, baseline));
                } else {
                    try (Transformer own = load(model)) {
                        models.add(answers(model, own, baseline));
                    }
                }
            }
        }
        prompts.warn(models.size(), context);
        return models;
    }

    /** The tokens in which a model was asked. */
    SampledText sampled(String name) {
        return Objects.requireNonNull(sampled.get(name));
    }

    private Transformer load(ModelReference model) {
        return model.load(Set.of(Head.LANGUAGE), context.kernels());
    }

    private ModelAnswers answers(ModelReference model, Transformer own, Transformer baseline) {
        String name = EvaluateConfig.name(model);
        try (ModelText text = ModelText.open(model.directory(), context.cacheDirectory())) {
            List<int[]> ids = prompts.tokenize(text, own.config().maxPositions(), config, name, context.cluster());
            sampled.put(name, new SampledText(model.directory(), ids));
            List<List<Answer>> answers = sampler.sample(name, own, text.tokenizer(), ids);
            measureDivergence(model, own, baseline, ids, answers);
            return new ModelAnswers(name, answers);
        }
    }

    private void measureDivergence(
            ModelReference model, Transformer own, Transformer baseline, List<int[]> ids, List<List<Answer>> answers) {
        Path baselineDirectory = config.baselineModel().directory();
        if (own == baseline) {
            answers.forEach(samples -> samples.forEach(answer -> answer.measure("kl", 0)));
        } else if (!SampledText.sameTokenizer(model.directory(), baselineDirectory)) {
            context.warn("no kl of " + EvaluateConfig.name(model) + ": its tokenizer is not that of the baseline "
                    + EvaluateConfig.name(config.baselineModel()));
        } else {
            divergence.measure(own, baseline, ids, answers);
        }
    }
}
