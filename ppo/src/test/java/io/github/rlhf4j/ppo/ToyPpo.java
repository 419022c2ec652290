package io.github.rlhf4j.ppo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.inject.AbstractModule;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.LearningRateConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StepsConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.tokenizer.BpeTokenizerFiles;
import io.github.rlhf4j.core.tokenizer.BpeTrainer;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.rollout.RewardBinder;
import io.github.rlhf4j.rollout.RewardFunction;
import io.github.rlhf4j.testing.StageHarness;
import io.github.rlhf4j.testing.StageOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The whole stage on random models of two layers and six prompts. */
final class ToyPpo {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final StageHarness harness;
    private final BpeTokenizerFiles tokenizer;

    /** Likes short answers: a response loses a tenth for each token. */
    static final class Brevity implements RewardFunction {
        @Override
        public double[] score(List<Answer> answers) {
            return answers.stream()
                    .mapToDouble(answer -> -0.1 * answer.tokens())
                    .toArray();
        }
    }

    /** Returns one score for all. */
    static final class Broadcast implements RewardFunction {
        @Override
        public double[] score(List<Answer> answers) {
            return new double[] {1};
        }
    }

    /** What is first in the list is better. */
    static final class ByPlace implements RewardFunction {
        @Override
        public double[] score(List<Answer> answers) {
            double[] scores = new double[answers.size()];
            for (int i = 0; i < scores.length; i++) {
                scores[i] = -i;
            }
            return scores;
        }
    }

    /** Knows no number for long answers. */
    static final class Undefined implements RewardFunction {
        @Override
        public double[] score(List<Answer> answers) {
            return answers.stream()
                    .mapToDouble(answer -> answer.tokens() > 1 ? Double.NaN : 0)
                    .toArray();
        }
    }

    /** What the prompt's row says. */
    static final class Worth implements RewardFunction {
        @Override
        public double[] score(List<Answer> answers) {
            return RewardFunction.each(answer -> answer.number("worth")).score(answers);
        }
    }

    ToyPpo(Path folder) throws IOException {
        this.folder = folder;
        harness = new StageHarness(folder, new PpoModule(), new AbstractModule() {
            @Override
            protected void configure() {
                RewardBinder.rewardBinder(binder())
                        .bind("brevity", Brevity.class)
                        .bind("broadcast", Broadcast.class)
                        .bind("by_place", ByPlace.class)
                        .bind("undefined", Undefined.class)
                        .bind("worth", Worth.class);
            }
        });
        List<String> prompts = List.of("What is red? ", "Who is there? ", "Why? ", "Name a sea. ", "Go on. ", "And? ");
        List<String> rows = new ArrayList<>();
        prompts.forEach(prompt -> rows.add("{\"prompt\": \"" + prompt + "\", \"completion\": \"It is so.\"}"));
        Files.writeString(folder.resolve("prompts.jsonl"), String.join("\n", rows) + "\n");
        tokenizer = BpeTrainer.train(rows.iterator(), 270, List.of());
        model("policy", Head.LANGUAGE, 3);
        model("reward", Head.SCALAR, 3);
    }

    /** A random model in a folder of its name. */
    ModelReference model(String name, Head head, long seed) throws IOException {
        return model(name, head, seed, tokenizer, 96);
    }

    ModelReference model(String name, Head head, long seed, BpeTokenizerFiles with, int context) throws IOException {
        ModelConfig config = ModelConfig.llama(with.vocabSize(), 16, 32, 2, 2, 1, context, true);
        try (Transformer fresh = Transformer.create(config, Set.of(head), harness.kernels(), CounterRandom.of(seed))) {
            fresh.save(folder.resolve(name), Optional.empty());
        }
        with.writeTo(folder.resolve(name), Optional.empty());
        return reference(name);
    }

    BpeTokenizerFiles tokenizer() {
        return tokenizer;
    }

    ModelReference reference(String name) {
        return new ModelReference(name, folder.resolve(name));
    }

    DatasetSpec prompts() {
        return DatasetSpec.of(folder.resolve("prompts.jsonl").toString());
    }

    /** So many iterations of four prompts, two epochs of two mini-batches each, rewarded for brevity. */
    PpoConfig config(int steps) {
        TrainingConfig training = TrainingConfig.of(LearningRateConfig.constant(3e-3), StepsConfig.of(4, steps));
        return PpoConfig.builder(reference("policy"), prompts())
                .training(training)
                .rewardFunction("brevity")
                .responseLength(12)
                .numPpoEpochs(2)
                .numMiniBatches(2)
                .vfCoef(0.5)
                .klCoef(0.01)
                .klController(KlConfig.KlSchedule.ADAPTIVE)
                .missingEosPenalty(1)
                .numSampleGenerations(1)
                .build();
    }

    /** {@code config} with a reward model instead of the function. */
    static PpoConfig rewardedBy(PpoConfig config, ModelReference reward) {
        return Records.with(config, "rewardFunction", Optional.empty(), "rewardModel", Optional.of(reward));
    }

    /** {@code config} with a pre-training term over the demonstrations in the prompts' file. */
    PpoConfig withPretraining(PpoConfig config, double coefficient) {
        return Records.with(config, "ptxDataset", Optional.of(prompts()), "ptxCoef", coefficient, "ptxBatchSize", 2);
    }

    static PpoConfig saving(PpoConfig config, long every) {
        return Records.with(config, "training", config.training().with(CheckpointConfig.every(every)));
    }

    List<String> run(String name, PpoConfig config) {
        return output(name, config).lines();
    }

    StageOutput output(String name, PpoConfig config) {
        return harness.run(name, PpoStage.class, config);
    }

    List<String> resume(String name, PpoConfig config) {
        return harness.resume(name, PpoStage.class, config).lines();
    }

    /** Where forward passes are computed from now on. */
    void computeOn(Function<Kernels, Cluster> place) {
        harness.computeOn(place);
    }

    PpoStage stage() {
        return harness.instance(PpoStage.class);
    }

    byte[] weights(String run, String model) {
        return output(run).weights(model);
    }

    List<JsonNode> samples(String run) {
        return output(run).samples();
    }

    private StageOutput output(String run) {
        return new StageOutput(folder.resolve(run), JSON.createObjectNode());
    }

    /** A metric's values, of the lines that have it. */
    static List<Double> metric(List<String> lines, String name) throws IOException {
        List<Double> values = new ArrayList<>();
        for (String line : lines) {
            JsonNode value = JSON.readTree(line).get(name);
            if (value != null) {
                values.add(value.asDouble());
            }
        }
        return values;
    }
}
