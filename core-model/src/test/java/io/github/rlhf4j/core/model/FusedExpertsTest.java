package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters on experts as peft writes them for transformers 5. */
class FusedExpertsTest {
    private static final Kernels KERNELS = new ReferenceKernels(DataType.DOUBLE);
    private static final ModelConfig MODEL = TestModels.experts();
    private static final int R = 2;

    @TempDir
    private Path folder;

    private double[] expected = new double[0];

    /** As peft's conversion of an adapter of each expert: gate and up in one of twice the rank, block by block. */
    @BeforeEach
    void writeFused() {
        try (Transformer model = TestModels.create(MODEL, KERNELS)) {
            model.addAdapter(new LoraConfig(R, 4, false, Optional.of(TargetModules.all())), CounterRandom.of(5));
            TestModels.drawTrained(model, 0.3);
            expected = logits(model);
            model.saveAdapter(folder.resolve("plain"), "base");
        }
        AdapterDirectory plain = AdapterDirectory.open(folder.resolve("plain"));
        ObjectNode json = plain.config();
        json.putObject("rank_pattern").put(".*\\.gate_up_proj", 2 * R);
        json.putObject("alpha_pattern").put(".*\\.gate_up_proj", 8);
        json.putArray("target_parameters")
                .add("gate.weight")
                .add("gate_up_proj")
                .add("down_proj");
        try (SafetensorsReader reader = plain.openWeights()) {
            AdapterDirectory.write(folder.resolve("fused"), json, fused(reader));
        }
    }

    private static List<TensorEntry> fused(SafetensorsReader reader) {
        List<TensorEntry> entries = new ArrayList<>();
        for (String name : reader.names()) {
            if (name.contains("self_attn")) {
                entries.add(entry(name, read(reader, name), reader.shape(name)));
            } else if (name.contains(".gate.")) {
                entries.add(entry(name.replace("block_sparse_moe", "mlp"), read(reader, name), reader.shape(name)));
            }
        }
        for (int layer = 0; layer < MODEL.layers(); layer++) {
            String prefix = "base_model.model.model.layers." + layer + ".";
            addExperts(reader, prefix, List.of("w1", "w3"), "base_layer.", entries);
            addExperts(reader, prefix, List.of("w2"), "", entries);
        }
        return entries;
    }

    private static void addExperts(
            SafetensorsReader reader, String prefix, List<String> modules, String wrapper, List<TensorEntry> entries) {
        int experts = MODEL.feedForward().experts();
        int rank = R * modules.size();
        String first = prefix + "block_sparse_moe.experts.0." + modules.get(0);
        int inputs = (int) reader.shape(first + ".lora_A.weight")[1];
        int outputs = (int) reader.shape(first + ".lora_B.weight")[0];
        float[] a = new float[experts * rank * inputs];
        float[] b = new float[outputs * modules.size() * rank * experts];
        for (int expert = 0; expert < experts; expert++) {
            for (int part = 0; part < modules.size(); part++) {
                String module = prefix + "block_sparse_moe.experts." + expert + "." + modules.get(part);
                float[] ownA = read(reader, module + ".lora_A.weight");
                float[] ownB = read(reader, module + ".lora_B.weight");
                System.arraycopy(ownA, 0, a, (expert * rank + part * R) * inputs, R * inputs);
                for (int i = 0; i < outputs; i++) {
                    for (int k = 0; k < R; k++) {
                        b[(part * outputs + i) * rank * experts + (part * R + k) * experts + expert] = ownB[i * R + k];
                    }
                }
            }
        }
        String name = prefix + "mlp.experts." + wrapper;
        entries.add(entry(name + "lora_A.weight", a, (long) experts * rank, inputs));
        entries.add(entry(name + "lora_B.weight", b, (long) outputs * modules.size(), (long) rank * experts));
    }

    private static float[] read(SafetensorsReader reader, String name) {
        FloatBuffer out = FloatBuffer.allocate((int) reader.elements(name));
        reader.read(name, out);
        return out.array();
    }

    private static TensorEntry entry(String name, float[] values, long... shape) {
        return TensorEntry.of(name, sink -> sink.accept(FloatBuffer.wrap(values)), shape);
    }

    private static double[] logits(Transformer model) {
        PackedBatch batch = PackedBatch.of(List.of(List.of(TokenSequence.all(TestModels.ids(1, 6)))));
        return TestModels.logits(model, batch);
    }

    @Test
    void itIsTheAdapterOfEachExpert() {
        try (Transformer model = TestModels.create(MODEL, KERNELS)) {
            model.loadAdapter(folder.resolve("fused"));
            assertThat(logits(model)).containsExactly(expected, within(1e-5));
            LoraConfig config = model.adapter().orElseThrow().config();
            assertThat(config.r()).isEqualTo(2 * R);
            assertThat(config.alpha()).isEqualTo(8);
            model.saveAdapter(folder.resolve("again"), "base");
        }
        try (Transformer model = TestModels.create(MODEL, KERNELS)) {
            model.loadAdapter(folder.resolve("again"));
            assertThat(logits(model)).containsExactly(expected, within(1e-5));
        }
    }

    @Test
    void anotherScaleOfSomeModulesIsRefused() {
        AdapterDirectory fused = AdapterDirectory.open(folder.resolve("fused"));
        ObjectNode json = fused.config();
        json.putObject("alpha_pattern").put(".*\\.gate_up_proj", 9);
        try (SafetensorsReader plain =
                AdapterDirectory.open(folder.resolve("plain")).openWeights()) {
            AdapterDirectory.write(folder.resolve("other"), json, fused(plain));
        }
        try (Transformer model = TestModels.create(MODEL, KERNELS)) {
            assertThatThrownBy(() -> model.loadAdapter(folder.resolve("other")))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("another scale");
        }
    }
}
