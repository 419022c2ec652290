package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.FloatType;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that hold fewer or more weights than config.json promises. */
class WeightNamesTest {
    @TempDir
    private Path folder;

    private final Kernels kernels = new ReferenceKernels(DataType.FLOAT);

    @Test
    void allMissingWeightsAreNamedInOneLine() {
        write(weights -> weights.removeIf(weight -> weight.name().contains("layers.1.")));

        assertThatThrownBy(this::load)
                .isInstanceOf(UserError.class)
                .hasMessageContaining("has no weights model.layers.1.input_layernorm.weight, ")
                .hasMessageContaining(" and 3 more, which config.json promises")
                .hasMessageNotContaining("\n");
    }

    @Test
    void weightsWithoutAPlaceAreNamedAndOldBuffersAreNot() {
        write(weights -> List.of("model.layers.0.self_attn.rotary_emb.inv_freq", "lm_head.weight")
                .forEach(name -> weights.add(TensorEntry.of(name, FloatBuffer.allocate(2), 2))));
        load();

        write(weights -> List.of("v_head.summary.weight", "model.layers.0.self_attn.q_proj.bias")
                .forEach(name -> weights.add(TensorEntry.of(name, FloatBuffer.allocate(2), 2))));
        assertThatThrownBy(this::load)
                .isInstanceOf(UserError.class)
                .hasMessageContaining("the weights v_head.summary.weight, model.layers.0.self_attn.q_proj.bias");
    }

    @Test
    void aModelIsReadBackFromShards() {
        Path whole = write(weights -> {});
        try (Transformer model = Transformer.load(whole, Set.of(Head.LANGUAGE), kernels)) {
            Path sharded = folder.resolve("sharded");
            model.save(sharded, Optional.empty(), new WeightFormat(FloatType.F32, 400));
            assertThat(sharded.resolve("model.safetensors.index.json")).exists();
            try (Transformer again = Transformer.load(sharded, Set.of(Head.LANGUAGE), kernels)) {
                for (Parameter parameter : model.parameters().all()) {
                    Parameter read = again.parameters().get(parameter.name());
                    assertThat(read.value().toArray())
                            .isEqualTo(parameter.value().toArray());
                }
            }
        }
    }

    private void load() {
        Transformer.load(folder.resolve("model"), Set.of(Head.LANGUAGE), kernels)
                .close();
    }

    private Path write(Consumer<List<TensorEntry>> change) {
        Path directory = folder.resolve("model");
        try (Transformer model = TestModels.create(TestModels.tied(), kernels)) {
            List<TensorEntry> weights = new ArrayList<>(model.weights());
            weights.removeIf(weight -> weight.name().equals("score.weight"));
            change.accept(weights);
            ModelDirectory.write(
                    directory,
                    new ModelDirectory.Contents(
                            model.huggingFaceConfig(),
                            weights,
                            WeightFormat.DEFAULT,
                            Optional.empty(),
                            Optional.empty()));
        }
        return directory;
    }
}
