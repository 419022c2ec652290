package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.generation.GenerationRequest;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.kernels.nd4j.Nd4jKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Against transformers on small random models of every family and variant; tools/golden/tiny_models.py made them, expected.json names the versions. Tolerances: 1e-5 on log-probs, logits, scores and the loss, 1e-4 relative
 * on gradient norms (float32 here, float64 there).
 */
class TransformerParityTest {
    private static final CpuKernels CPU = new CpuKernels(2);
    private static final List<Kernels> ALL_KERNELS = List.of(CPU, new Nd4jKernels(DataType.FLOAT));
    private static final List<String> VARIANTS = List.of(
            "llama",
            "llama-biases",
            "llama-llama3",
            "llama-linear",
            "llama-dynamic",
            "mistral",
            "qwen2",
            "qwen3",
            "gpt2",
            "gpt2-bare",
            "mixtral",
            "mixtral-router");

    @AfterAll
    static void stopThreads() {
        CPU.close();
    }

    static List<String> variants() {
        return VARIANTS;
    }

    static Stream<Arguments> variantsAndKernels() {
        return VARIANTS.stream()
                .flatMap(variant -> ALL_KERNELS.stream().map(kernels -> Arguments.of(variant, kernels)));
    }

    private static Path directory(String variant) {
        try {
            return Path.of(Objects.requireNonNull(TransformerParityTest.class.getResource("tiny-" + variant))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode expected(String variant) throws IOException {
        return new ObjectMapper().readTree(Files.readString(directory(variant).resolve("expected.json")));
    }

    private static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        Arrays.setAll(values, i -> array.get(i).asInt());
        return values;
    }

    private static PackedBatch batch(JsonNode expected) {
        List<TokenSequence> sequences = new ArrayList<>();
        expected.get("sequences").forEach(ids -> sequences.add(TokenSequence.all(ints(ids))));
        return PackedBatch.ofSingles(sequences);
    }

    private static Transformer load(String variant, Kernels kernels) {
        return Transformer.load(directory(variant), EnumSet.of(Head.LANGUAGE), kernels);
    }

    @ParameterizedTest
    @MethodSource("variantsAndKernels")
    void agreesOnLogProbsAndLogits(String variant, Kernels kernels) throws IOException {
        JsonNode expected = expected(variant);
        try (Transformer model = load(variant, kernels);
                NativeMemory memory = new NativeMemory()) {
            assertThat(model.parameters().count())
                    .isEqualTo(expected.get("parameters").asLong());
            PackedBatch batch = batch(expected);
            Outputs out = new Outputs();
            model.forward(batch, ForwardRequest.logProbs(), out);
            for (int sequence = 0; sequence < batch.sequences(); sequence++) {
                JsonNode logProbs = expected.get("token_log_probs").get(sequence);
                assertThat(batch.targets(sequence)).isEqualTo(logProbs.size());
                for (int j = 0; j < logProbs.size(); j++) {
                    assertThat(out.logProbs()[batch.targetIndex(sequence, j)])
                            .as("log-prob %d of sequence %d", j, sequence)
                            .isCloseTo(logProbs.get(j).asDouble(), within(1e-5));
                }
            }
            for (int sequence = 0; sequence < batch.sequences(); sequence++) {
                checkLastLogits(model, expected, sequence, memory);
            }
        }
    }

    private static void checkLastLogits(Transformer model, JsonNode expected, int sequence, NativeMemory memory) {
        int[] tokens = ints(expected.get("sequences").get(sequence));
        PackedBatch batch = PackedBatch.ofSingles(List.of(new TokenSequence(tokens, new int[0], new int[0])));
        Tensor logits = memory.allocate(DataType.FLOAT, 1, model.config().vocabSize());
        model.logits(batch, new int[] {tokens.length - 1}, logits);
        JsonNode wanted = expected.get("last_logits").get(sequence);
        for (int token = 0; token < wanted.size(); token++) {
            assertThat(logits.get(0, token))
                    .as("logit %d", token)
                    .isCloseTo(wanted.get(token).asDouble(), within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("variantsAndKernels")
    void agreesOnTheLossAndOnTheNormOfEveryGradient(String variant, Kernels kernels) throws IOException {
        JsonNode expected = expected(variant);
        try (Transformer model = load(variant, kernels)) {
            model.parameters().enableGradients();
            PackedBatch batch = batch(expected);
            double[] dLogProb = new double[batch.targets()];
            Arrays.fill(dLogProb, -1.0 / batch.targets());
            Outputs out = new Outputs();
            model.forwardBackward(batch, ForwardRequest.logProbs(), dLogProb, out);
            double loss = 0;
            for (int target = 0; target < batch.targets(); target++) {
                loss -= out.logProbs()[target] / batch.targets();
            }
            assertThat(loss).isCloseTo(expected.get("loss").asDouble(), within(1e-5));
            checkNorms(model, expected.get("grad_l2"));
        }
    }

    @ParameterizedTest
    @MethodSource("allKernels")
    void agreesOnTheLossOfTheRouters(Kernels kernels) throws IOException {
        JsonNode expected = expected("mixtral-router").get("router");
        int[] ids = ints(expected("mixtral-router").get("sequences").get(0));
        for (boolean checkpointing : new boolean[] {false, true}) {
            try (Transformer model = load("mixtral-router", kernels)) {
                model.parameters().enableGradients();
                model.useGradientCheckpointing(checkpointing);
                PackedBatch batch = PackedBatch.of(List.of(List.of(TokenSequence.all(ids))), new int[] {0}, true);
                double[] dLogProb = new double[batch.targets()];
                Arrays.fill(dLogProb, -1.0 / batch.targets());
                Outputs out = new Outputs();
                ForwardRequest request = ForwardRequest.logProbs().withRouterLoss(1);
                model.forwardBackward(batch, request, dLogProb, out);
                assertThat(out.routerLoss()).isCloseTo(expected.get("aux_loss").asDouble(), within(1e-5));
                double loss = 0.3 * out.routerLoss();
                for (int target = 0; target < batch.targets(); target++) {
                    loss -= out.logProbs()[target] / batch.targets();
                }
                assertThat(loss).isCloseTo(expected.get("loss").asDouble(), within(1e-5));
                checkNorms(model, expected.get("grad_l2"));
            }
        }
    }

    static List<Kernels> allKernels() {
        return ALL_KERNELS;
    }

    private static void checkNorms(Transformer model, JsonNode norms) {
        Map<String, Double> squares = new TreeMap<>();
        for (Parameter parameter : model.parameters().all()) {
            squares.merge(
                    nameInMemory(parameter.name()),
                    model.kernels().sumOfSquares(parameter.gradient().orElseThrow()),
                    Double::sum);
        }
        assertThat(squares).hasSize(norms.size());
        squares.forEach((name, square) -> {
            double wanted = norms.get(name).asDouble();
            assertThat(Math.sqrt(square)).as(name).isCloseTo(wanted, within(1e-4 * wanted + 1e-8));
        });
    }

    /** What transformers calls a tensor that it stores under {@code name}. */
    private static String nameInMemory(String name) {
        return name.replace(".block_sparse_moe.", ".mlp.")
                .replaceAll("experts\\.\\d+\\.w[13]\\.weight", "experts.gate_up_proj")
                .replaceAll("experts\\.\\d+\\.w2\\.weight", "experts.down_proj");
    }

    @ParameterizedTest
    @MethodSource("variants")
    void continuesGreedilyWithTheSameTokens(String variant) throws IOException {
        JsonNode expected = expected(variant);
        int[] prompt = Arrays.copyOf(ints(expected.get("sequences").get(0)), 8);
        int[] wanted = ints(expected.get("greedy"));
        try (Transformer model = load(variant, CPU);
                Generator generator = new Generator(model)) {
            GenerationRequest request = new GenerationRequest(prompt, 1, CounterRandom.of(0));
            SamplingOptions options = SamplingOptions.greedy(wanted.length, new int[0]);
            assertThat(generator.generate(List.of(request), options).get(0).ids())
                    .isEqualTo(wanted);
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void scoresAsAClassifierOfOneLabel(String variant, @TempDir Path temporary) throws IOException {
        JsonNode expected = expected(variant);
        Path saved = temporary.resolve("reward");
        try (Transformer model =
                Transformer.load(directory(variant), EnumSet.of(Head.SCALAR), CPU, CounterRandom.of(1))) {
            JsonNode weight = expected.get("score_weight");
            for (int i = 0; i < weight.size(); i++) {
                model.scalarHead().weight().set(0, i, weight.get(i).asDouble());
            }
            model.save(saved, Optional.empty());
        }
        try (Transformer model = Transformer.load(saved, EnumSet.of(Head.SCALAR), CPU)) {
            assertThat(model.huggingFaceConfig().isRewardModel()).isTrue();
            for (int sequence = 0; sequence < expected.get("sequences").size(); sequence++) {
                int[] ids = ints(expected.get("sequences").get(sequence));
                Outputs out = new Outputs();
                PackedBatch batch = PackedBatch.ofSingles(List.of(TokenSequence.scoredAtEnd(ids)));
                model.forward(batch, ForwardRequest.scores(), out);
                double score = expected.get("scores").get(sequence).asDouble();
                assertThat(out.scalars()[0]).isCloseTo(score, within(1e-5));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void writesADirectoryThatItReadsBackTheSame(String variant, @TempDir Path temporary) {
        try (Transformer model = load(variant, CPU)) {
            model.save(temporary.resolve("copy"), Optional.empty());
            try (Transformer copy = Transformer.load(temporary.resolve("copy"), EnumSet.of(Head.LANGUAGE), CPU)) {
                assertThat(copy.config()).isEqualTo(model.config());
                for (Parameter parameter : model.parameters().all()) {
                    assertThat(copy.parameters().get(parameter.name()).value().toArray())
                            .as(parameter.name())
                            .isEqualTo(parameter.value().toArray());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen3", "gpt2", "mixtral"})
    void writesTheTensorsThatTransformersWrote(String variant, @TempDir Path temporary) {
        Path saved = temporary.resolve("copy");
        try (Transformer model = load(variant, CPU)) {
            model.save(saved, Optional.empty());
        }
        try (SafetensorsReader theirs = SafetensorsReader.open(directory(variant));
                SafetensorsReader ours = SafetensorsReader.open(saved)) {
            assertThat(ours.names()).containsExactlyInAnyOrderElementsOf(theirs.names());
            for (String name : theirs.names()) {
                assertThat(ours.shape(name)).as(name).isEqualTo(theirs.shape(name));
                assertThat(numbers(ours, name)).as(name).isEqualTo(numbers(theirs, name));
            }
        }
    }

    private static float[] numbers(SafetensorsReader reader, String name) {
        FloatBuffer buffer = FloatBuffer.allocate((int) reader.elements(name));
        reader.read(name, buffer);
        return buffer.array();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void readsAConfigThatItWroteItself(String variant) {
        try (Transformer model = load(variant, CPU)) {
            assertThat(ModelConfig.from(model.config().toHuggingFace())).isEqualTo(model.config());
        }
    }
}
