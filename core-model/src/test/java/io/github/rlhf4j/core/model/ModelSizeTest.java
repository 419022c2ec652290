package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link ModelSize} says without weights is what models and caches then take. */
class ModelSizeTest {
    static List<ModelConfig> configs() {
        return TestModels.all();
    }

    @Test
    void weightsInFewerBitsTakeWhatTheyTake() {
        ModelConfig config = new ModelConfig(
                Family.LLAMA,
                1000,
                128,
                2,
                32,
                new NormConfig(NormConfig.Kind.RMS, 1e-5),
                new Positions.Rotary(100, new RotaryScaling.None()),
                AttentionConfig.plain(2, 1, 64),
                FeedForwardConfig.swiGlu(256),
                true,
                0.4);
        Set<Head> heads = Set.of(Head.LANGUAGE, Head.SCALAR);
        long norms = 5 * 128 + 128; // and the scalar head
        long matrices = new ModelSize(config, heads, DataType.FLOAT).parameters() - norms;
        assertThat(new ModelSize(config, heads, DataType.FLOAT).weightBytes()).isEqualTo(4 * (matrices + norms));
        assertThat(new ModelSize(config, heads, DataType.FLOAT, WeightType.BFLOAT16).weightBytes())
                .isEqualTo(2 * matrices + 4 * norms);
        assertThat(new ModelSize(config, heads, DataType.FLOAT, WeightType.INT8).weightBytes())
                .isEqualTo(matrices + matrices / 16 + 4 * norms); // a scale of 4 bytes for each 64
    }

    @ParameterizedTest
    @MethodSource("configs")
    void saysWhatAModelTakes(ModelConfig config) {
        ModelSize size = new ModelSize(config, Set.of(Head.LANGUAGE, Head.SCALAR), DataType.FLOAT);
        try (CpuKernels kernels = new CpuKernels(1);
                Transformer model = TestModels.create(config, kernels);
                NativeMemory panels = new NativeMemory(1 << 16)) {
            ModelSize own = model.size();
            assertThat(own.parameters()).isEqualTo(model.parameters().count());
            assertThat(own.weightBytes()).isEqualTo(4 * model.parameters().count());
            List<Linear> multiplied = new ArrayList<>(List.of(model.languageHead()));
            model.blocks().forEach(block -> multiplied.addAll(block.linears()));
            multiplied.forEach(linear -> new PackedLinear(kernels, linear, WeightType.FLOAT32, panels));
            long elements = panels.mark().used();
            assertThat(own.packedBytes()).isEqualTo(elements);
        }
        assertThat(size.parts().values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(size.parameters());
        assertThat(size.cacheBytes(33)).isEqualTo(2 * KeyValueCache.pageBytes(config, DataType.FLOAT));
    }

    @ParameterizedTest
    @MethodSource("configs")
    void leavesOutTheExpertsThatATokenDoesNotGoTo(ModelConfig config) {
        ModelSize size = new ModelSize(config, Set.of(Head.LANGUAGE), DataType.FLOAT);
        FeedForwardConfig feedForward = config.feedForward();
        long expert = 3L * feedForward.intermediateSize() * config.hiddenSize();
        long idle = config.layers() * expert * Math.max(0, feedForward.experts() - feedForward.copies());
        assertThat(size.activeParameters()).isEqualTo(size.parameters() - idle);
    }
}
