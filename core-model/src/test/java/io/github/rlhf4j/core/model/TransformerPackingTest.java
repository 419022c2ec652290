package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.LogitStatistics.Column;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How sequences are packed changes no result. */
class TransformerPackingTest {
    private static final Kernels KERNELS = new ReferenceKernels(DataType.DOUBLE);
    private static final int[] PROMPT = TestModels.ids(21, 5);

    /** Responses to one prompt, all tokens targets, all of them read by the scalar head. */
    private static List<TokenSequence> responses() {
        return IntStream.range(0, 3)
                .mapToObj(i -> TokenSequence.all(TestModels.join(PROMPT, TestModels.ids(30 + i, 2 + 2 * i)))
                        .withValuesOfTargets())
                .toList();
    }

    static List<ModelConfig> configs() {
        return TestModels.all();
    }

    private static Transformer model() {
        return model(TestModels.everything());
    }

    private static Transformer model(ModelConfig config) {
        Transformer model = TestModels.create(config, KERNELS);
        model.parameters().enableGradients();
        return model;
    }

    private static LinearLoss loss() {
        return new LinearLoss(true, true, 0.9);
    }

    @ParameterizedTest
    @MethodSource("configs")
    void givesASequenceTheLogProbsItHasAlone(ModelConfig config) {
        try (Transformer model = model(config)) {
            PackedBatch packed = PackedBatch.ofSingles(responses());
            Outputs out = new Outputs();
            model.forward(packed, ForwardRequest.logProbs().withScalars(), out);
            for (int sequence = 0; sequence < 3; sequence++) {
                PackedBatch alone = PackedBatch.ofSingles(List.of(responses().get(sequence)));
                Outputs single = new Outputs();
                model.forward(alone, ForwardRequest.logProbs().withScalars(), single);
                for (int j = 0; j < alone.targets(0); j++) {
                    assertThat(out.logProbs()[packed.targetIndex(sequence, j)])
                            .isCloseTo(single.logProbs()[alone.targetIndex(0, j)], within(1e-12));
                    assertThat(out.scalars()[packed.scalarIndex(sequence, j)])
                            .isCloseTo(single.scalars()[alone.scalarIndex(0, j)], within(1e-12));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void sharesPrefixesWithoutChangingLossOrGradients(ModelConfig config) {
        PackedBatch shared = PackedBatch.of(List.of(responses()));
        PackedBatch apart = PackedBatch.ofSingles(responses());
        assertThat(shared.rows()).isEqualTo(apart.rows() - 2 * (PROMPT.length - 1));
        assertSame(config, shared, apart);
    }

    @Test
    void turnsSharedPrefixesByTheLengthOfTheirSequencesWhereScalingIsDynamic() {
        ModelConfig tied = TestModels.tied();
        ModelConfig dynamic = new ModelConfig(
                tied.family(),
                tied.vocabSize(),
                tied.hiddenSize(),
                tied.layers(),
                6,
                tied.norm(),
                new Positions.Rotary(100, new RotaryScaling.Dynamic(3)),
                tied.attention(),
                tied.feedForward(),
                true,
                tied.initializerRange());
        List<TokenSequence> ofOneLength = IntStream.range(0, 2)
                .mapToObj(i -> TokenSequence.all(TestModels.join(PROMPT, TestModels.ids(30 + i, 6)))
                        .withValuesOfTargets())
                .toList();
        assertSame(dynamic, PackedBatch.of(List.of(ofOneLength)), PackedBatch.ofSingles(ofOneLength));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void cutsIntoMicroBatchesWithoutChangingLossOrGradients(ModelConfig config) {
        try (Transformer whole = model(config);
                Transformer cut = whole.copy(true)) {
            double expected = loss().backward(whole, PackedBatch.ofSingles(responses()), 0);
            double actual = 0;
            for (int sequence = 0; sequence < 3; sequence++) {
                PackedBatch part = PackedBatch.ofSingles(List.of(responses().get(sequence)));
                actual += loss().backward(cut, part, sequence);
            }
            assertThat(actual).isCloseTo(expected, within(1e-10));
            Gradients.assertSame(cut, whole, 1e-10);
        }
    }

    private static void assertSame(ModelConfig config, PackedBatch first, PackedBatch second) {
        try (Transformer one = model(config);
                Transformer other = one.copy(true)) {
            assertThat(loss().backward(one, first, 0)).isCloseTo(loss().backward(other, second, 0), within(1e-10));
            Gradients.assertSame(one, other, 1e-10);
        }
    }

    @Test
    void dropsTheSameWhateverTheMicroBatch() {
        try (Transformer model = model()) {
            Dropout dropout = new Dropout(0.25, CounterRandom.of(3), 4);
            ForwardRequest request = ForwardRequest.logProbs().withDropout(dropout);
            PackedBatch whole = PackedBatch.ofSingles(responses());
            PackedBatch second = PackedBatch.of(List.of(List.of(responses().get(1))), new int[] {1});
            Outputs ofWhole = new Outputs();
            Outputs ofSecond = new Outputs();
            model.forward(whole, request, ofWhole);
            model.forward(second, request, ofSecond);
            for (int j = 0; j < second.targets(0); j++) {
                assertThat(ofSecond.logProbs()[j])
                        .isCloseTo(ofWhole.logProbs()[whole.targetIndex(1, j)], within(1e-12));
            }
            model.forward(second, ForwardRequest.logProbs(), ofWhole);
            assertThat(ofSecond.logProbs()[0]).isNotCloseTo(ofWhole.logProbs()[0], within(1e-4));
        }
    }

    @Test
    void reportsWhatTheLogitsSay() {
        try (Transformer model = model();
                NativeMemory memory = new NativeMemory()) {
            PackedBatch batch = PackedBatch.of(List.of(responses()));
            Tensor logits = memory.allocate(DataType.DOUBLE, batch.targets(), TestModels.VOCABULARY);
            model.logits(batch, batch.targetRows(), logits);
            Outputs out = new Outputs();
            model.forward(
                    batch,
                    ForwardRequest.logProbs()
                            .with(EnumSet.of(Column.LOG_PROB, Column.IS_TOP))
                            .withTemperature(0.5),
                    out);
            for (int target = 0; target < batch.targets(); target++) {
                double sum = 0;
                int top = 0;
                for (int token = 0; token < TestModels.VOCABULARY; token++) {
                    sum += Math.exp(logits.get(target, token) / 0.5);
                    top = logits.get(target, token) > logits.get(target, top) ? token : top;
                }
                int token = batch.targetTokens()[target];
                assertThat(out.logProbs()[target])
                        .isCloseTo(logits.get(target, token) / 0.5 - Math.log(sum), within(1e-10));
                assertThat(out.statistics().column(Column.IS_TOP)[target]).isEqualTo(top == token ? 1 : 0);
            }
        }
    }

    @Test
    void cutsTheHeadIntoChunksWithoutChangingAnything() {
        // A vocabulary of 2^17 makes chunks of at most 64 rows; 70 targets are two of them.
        ModelConfig config = ModelConfig.llama(1 << 17, 2, 2, 1, 1, 1, 80, false);
        try (Transformer model = Transformer.create(
                config, EnumSet.of(Head.LANGUAGE), new ReferenceKernels(DataType.DOUBLE), CounterRandom.of(2))) {
            model.parameters().enableGradients();
            int[] ids = TestModels.ids(40, 71);
            PackedBatch whole = PackedBatch.ofSingles(List.of(TokenSequence.all(ids)));
            PackedBatch tail = PackedBatch.ofSingles(List.of(TokenSequence.completion(ids, 66)));
            Outputs ofWhole = new Outputs();
            Outputs ofTail = new Outputs();
            model.forward(whole, ForwardRequest.logProbs(), ofWhole);
            model.forward(tail, ForwardRequest.logProbs(), ofTail);
            for (int j = 0; j < tail.targets(); j++) {
                assertThat(ofTail.logProbs()[j]).isCloseTo(ofWhole.logProbs()[65 + j], within(1e-12));
            }
        }
    }

    @Test
    void refusesABackwardPassThatDoesNotFollowItsForwardPass() {
        try (Transformer model = model()) {
            PackedBatch batch = PackedBatch.ofSingles(responses());
            model.forward(batch, ForwardRequest.logProbs(), new Outputs());
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> model.backward(batch, new double[batch.targets()], new double[0], new double[0]))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("keepForBackward");
        }
    }
}
