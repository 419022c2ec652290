package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.kernels.CpuKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Against transformers on small random models of its own making; expected.json names generator and versions. Tolerances: 1e-5 on log-probs, logits and the loss, 1e-4 relative on
 * gradient norms (both sides in float32).
 */
class TransformerParityTest {
    private static final CpuKernels KERNELS = new CpuKernels(2);

    @AfterAll
    static void stopThreads() {
        KERNELS.close();
    }

    private static Path directory(String family) {
        try {
            return Path.of(Objects.requireNonNull(TransformerParityTest.class.getResource("tiny-" + family))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode expected(String family) throws IOException {
        return new ObjectMapper().readTree(Files.readString(directory(family).resolve("expected.json")));
    }

    private static PackedBatch batch(JsonNode expected) {
        List<TokenSequence> sequences = new ArrayList<>();
        for (JsonNode ids : expected.get("input_ids")) {
            int[] tokens = new int[ids.size()];
            Arrays.setAll(tokens, i -> ids.get(i).asInt());
            sequences.add(TokenSequence.all(tokens));
        }
        return PackedBatch.ofSingles(sequences);
    }

    private static Transformer load(String family) {
        return Transformer.load(directory(family), EnumSet.of(Head.LANGUAGE), KERNELS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen2"})
    void agreesOnLogProbsAndLogits(String family) throws IOException {
        JsonNode expected = expected(family);
        try (Transformer model = load(family);
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
        JsonNode ids = expected.get("input_ids").get(sequence);
        int[] tokens = new int[ids.size()];
        Arrays.setAll(tokens, i -> ids.get(i).asInt());
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
    @ValueSource(strings = {"llama", "qwen2"})
    void agreesOnTheLossAndOnTheNormOfEveryGradient(String family) throws IOException {
        JsonNode expected = expected(family);
        try (Transformer model = load(family)) {
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
            JsonNode norms = expected.get("grad_l2");
            assertThat(model.parameters().all()).hasSize(norms.size());
            for (Parameter parameter : model.parameters().all()) {
                double norm =
                        Math.sqrt(KERNELS.sumOfSquares(parameter.gradient().orElseThrow()));
                double wanted = norms.get(parameter.name()).asDouble();
                assertThat(norm).as(parameter.name()).isCloseTo(wanted, within(1e-4 * wanted));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen2"})
    void writesADirectoryThatItReadsBackTheSame(String family, @TempDir Path temporary) {
        try (Transformer model = load(family)) {
            model.save(temporary.resolve("copy"), Optional.empty());
            try (Transformer copy = Transformer.load(temporary.resolve("copy"), EnumSet.of(Head.LANGUAGE), KERNELS)) {
                assertThat(copy.config()).isEqualTo(model.config());
                for (Parameter parameter : model.parameters().all()) {
                    assertThat(copy.parameters().get(parameter.name()).value().toArray())
                            .as(parameter.name())
                            .isEqualTo(parameter.value().toArray());
                }
            }
        }
    }

    @Test
    void readsAConfigThatItWroteItself() {
        for (ModelConfig config : List.of(TestModels.everything(), TestModels.tied())) {
            ModelConfig llama = new ModelConfig(
                    Family.LLAMA,
                    config.vocabSize(),
                    config.hiddenSize(),
                    config.intermediateSize(),
                    config.layers(),
                    config.heads(),
                    config.keyValueHeads(),
                    config.headDim(),
                    config.maxPositions(),
                    config.normEpsilon(),
                    config.ropeTheta(),
                    new RotaryScaling(RotaryScaling.Type.LLAMA3, 8, 1, 4, 16),
                    config.tiedEmbeddings(),
                    config.queryKeyValueBias(),
                    config.outputBias(),
                    config.mlpBias(),
                    0,
                    0,
                    config.initializerRange());
            assertThat(ModelConfig.from(llama.toHuggingFace())).isEqualTo(llama);
        }
    }
}
