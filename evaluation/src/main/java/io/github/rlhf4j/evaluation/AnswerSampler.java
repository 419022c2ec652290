package io.github.rlhf4j.evaluation;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.generation.StopRule;
import io.github.rlhf4j.core.generation.TokenConstraint;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StructuredOutputsConfig;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** Samples a model's answers. A draw depends on the stage's seed, the model's name, the prompt and the sample alone. */
final class AnswerSampler {
    private final EvaluateConfig config;
    private final StageContext context;

    AnswerSampler(EvaluateConfig config, StageContext context) {
        this.config = config;
        this.context = context;
    }

    /** The answers to each prompt, (prompts, samples). */
    List<List<Answer>> sample(String name, Transformer model, Tokenizer tokenizer, List<int[]> promptIds) {
        CounterRandom random = context.random().derive("answers").derive(name);
        TokenConstraint constraint =
                StructuredOutputsConfig.constraint(config.sampling().structuredOutputs(), tokenizer);
        List<GenerationRequest> requests = new ArrayList<>();
        for (int prompt = 0; prompt < promptIds.size(); prompt++) {
            requests.add(new GenerationRequest(
                    promptIds.get(prompt),
                    config.sampling().numSamples(),
                    random.derive(prompt),
                    StopRule.NEVER,
                    constraint));
        }
        SamplingOptions options = config.sampling().options(tokenizer.stopIds());
        List<List<Answer>> answers = new ArrayList<>();
        promptIds.forEach(prompt -> answers.add(new ArrayList<>()));
        long total = (long) promptIds.size() * config.sampling().numSamples();
        try (SharedModel sampler = context.cluster().share("answers of " + name, model);
                Progress progress = context.progress(name + " answers", total, "answers")) {
            for (Generated generated : sampler.generate(name + " answers", requests, options, progress::advance)) {
                answers.get(generated.request()).add(answer(generated, tokenizer));
            }
        }
        return answers;
    }

    private static Answer answer(Generated generated, Tokenizer tokenizer) {
        return new Answer(
                generated.ids(),
                tokenizer.decode(generated.idsWithoutStop(), true),
                generated.finishReason() == FinishReason.STOP);
    }
}
