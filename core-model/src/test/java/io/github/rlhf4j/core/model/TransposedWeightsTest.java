package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products by transposed weights change no result, and a transpose is never older than its weight. */
class TransposedWeightsTest {
    private static final Kernels KERNELS = new ReferenceKernels(DataType.DOUBLE);
    private static final PackedBatch BATCH = PackedBatch.ofSingles(
            List.of(TokenSequence.all(TestModels.ids(3, 9)).withValuesOfTargets()));

    static List<ModelConfig> configs() {
        return TestModels.all();
    }

    @ParameterizedTest
    @MethodSource("configs")
    void giveTheSameAndOnlyWhileTheyAreKept(ModelConfig config) {
        try (Transformer model = TestModels.create(config, KERNELS);
                ParameterStore sharing = model.parameters().sharing(KERNELS)) {
            FusedParameter head = model.parameters()
                    .matrix(config.tiedEmbeddings() ? ParameterLayout.EMBEDDING : ParameterLayout.LANGUAGE_HEAD);
            double[] before = outputs(model);
            model.parameters().withTransposes(() -> {
                assertThat(head.transpose()).isNotNull();
                assertSame(outputs(model), before);
                assertThat(sharing.matrix(0 + ParameterLayout.OUTPUT).transpose())
                        .isNotNull();
            });
            assertThat(head.transpose()).isNull();
            model.parameters().all().forEach(parameter -> KERNELS.scale(parameter.value(), 1.5));
            double[] after = outputs(model);
            assertThat(after).isNotEqualTo(before);
            model.parameters().withTransposes(() -> assertSame(outputs(model), after));
        }
    }

    private static double[] outputs(Transformer model) {
        Outputs out = new Outputs();
        model.forward(BATCH, ForwardRequest.logProbs().withScalars(), out);
        return Arrays.copyOf(out.logProbs(), BATCH.targets());
    }

    private static void assertSame(double[] actual, double[] expected) {
        assertThat(actual).containsExactly(expected, Offset.offset(1e-12));
    }
}
