package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dropout on what an adapter multiplies. */
class AdapterDropoutTest {
    private static final Kernels DOUBLES = new ReferenceKernels(DataType.DOUBLE);

    static List<ModelConfig> configs() {
        return TestModels.all();
    }

    static LoraConfig dropping(double rate) {
        return new LoraConfig(
                3,
                6,
                false,
                Optional.of(TargetModules.all()),
                new LoraVariant(rate, false, LoraInit.TRUE),
                SavedModules.NONE);
    }

    private static Transformer adapted(ModelConfig config) {
        Transformer model = TestModels.create(config, DOUBLES);
        model.addAdapter(dropping(0.4), CounterRandom.of(5));
        TestModels.drawTrained(model, 0.3);
        return model;
    }

    private static final TokenSequence FIRST =
            TokenSequence.all(TestModels.ids(1, 6)).withValuesOfTargets();
    private static final TokenSequence SECOND = new TokenSequence(TestModels.ids(2, 9), new int[] {8}, new int[] {8});

    private static LinearLoss loss(double rate, long step) {
        return new LinearLoss(true, true, 0.7).withDropout(new Dropout(0, rate, CounterRandom.of(5), step));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void theGradientIsTheDifferenceQuotient(ModelConfig config) {
        for (PackedBatch batch : List.of(
                PackedBatch.of(List.of(List.of(FIRST), List.of(SECOND))), PackedBatch.of(List.of(List.of(SECOND))))) {
            for (boolean checkpointing : new boolean[] {false, true}) {
                try (Transformer model = adapted(config)) {
                    model.useGradientCheckpointing(checkpointing);
                    model.trained().enableGradients();
                    loss(0.4, 17).backward(model, batch, 0);
                    Gradients.assertAreQuotients(model, 11, () -> loss(0.4, 17).value(model, batch, 0));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void aSequencesDrawDoesNotDependOnItsBatch(ModelConfig config) {
        PackedBatch together = PackedBatch.of(List.of(List.of(FIRST), List.of(SECOND)));
        try (Transformer model = adapted(config)) {
            double whole = loss(0.4, 3).value(model, together, 0);
            double apart = loss(0.4, 3).value(model, PackedBatch.of(List.of(List.of(FIRST)), new int[] {0}), 0)
                    + loss(0.4, 3).value(model, PackedBatch.of(List.of(List.of(SECOND)), new int[] {1}), 1);
            assertThat(apart).isCloseTo(whole, within(1e-9));
            assertThat(loss(0.4, 4).value(model, together, 0)).isNotEqualTo(whole);
            double without = loss(0, 3).value(model, together, 0);
            assertThat(without).isNotCloseTo(whole, within(1e-3));
            assertThat(new LinearLoss(true, true, 0.7).value(model, together, 0))
                    .isEqualTo(without);
        }
    }

    @Test
    void eachModuleHasAMaskOfItsOwn() {
        PackedBatch batch = PackedBatch.of(List.of(List.of(FIRST)));
        try (NativeMemory memory = new NativeMemory()) {
            DropoutMask mask = new DropoutMask(DOUBLES, new Dropout(0, 0.5, CounterRandom.of(1), 2), batch);
            double[] query = masked(mask, ones(memory, batch.rows()), "q_proj");
            assertThat(masked(mask, ones(memory, batch.rows()), "q_proj")).containsExactly(query);
            assertThat(masked(mask, ones(memory, batch.rows()), "v_proj")).isNotEqualTo(query);
            assertThat(query).containsOnly(0, 2);
        }
    }

    private static double[] masked(DropoutMask mask, Tensor ones, String module) {
        mask.applyInPlace(ones, null, module);
        return ones.toArray();
    }

    private static Tensor ones(NativeMemory memory, int rows) {
        Tensor ones = memory.allocate(DataType.DOUBLE, rows, 16);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < 16; j++) {
                ones.set(i, j, 1);
            }
        }
        return ones;
    }
}
