package io.github.rlhf4j.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.reference.ReferenceKernels;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.Tensor;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AdapterFilesTest {
    private static final Kernels KERNELS = new ReferenceKernels(DataType.FLOAT);
    private static final LoraConfig LORA = new LoraConfig(3, 6, true, Optional.of(TargetModules.all()));

    @TempDir
    private Path directory;

    static List<ModelConfig> configs() {
        return TestModels.all();
    }

    private void save(ModelConfig config) {
        try (Transformer model = TestModels.create(config, KERNELS)) {
            model.addAdapter(LORA, CounterRandom.of(3));
            model.saveAdapter(directory.resolve("adapter"), "base");
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void whatIsWrittenIsRead(ModelConfig config) {
        try (Transformer model = TestModels.create(config, KERNELS);
                Transformer again = TestModels.create(config, KERNELS)) {
            model.addAdapter(LORA, CounterRandom.of(3));
            for (Parameter parameter : model.trained().all()) {
                Tensor value = parameter.value();
                value.set(0, 0, parameter.name().hashCode());
            }
            model.saveAdapter(directory.resolve("adapter"), "base");
            again.loadAdapter(directory.resolve("adapter"));
            assertThat(again.adapter().orElseThrow().config()).isEqualTo(LORA);
            for (Parameter parameter : model.trained().all()) {
                assertThat(again.trained().get(parameter.name()).value().toArray())
                        .containsExactly(parameter.value().toArray());
            }
        }
    }

    @Test
    void theConfigHasPeftsKeys() throws IOException {
        save(TestModels.gpt2());
        assertThat(directory.resolve("adapter/adapter_config.json"))
                .content()
                .contains(
                        "\"peft_type\": \"LORA\"",
                        "\"lora_alpha\": 6,",
                        "\"r\": 3,",
                        "\"fan_in_fan_out\": true",
                        "\"target_modules\": \"all-linear\"",
                        "\"use_rslora\": true");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"use_dora\": false | \"use_dora\": true | has no weight base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector",
                "\"bias\": \"none\" | \"bias\": \"all\" | bias",
                "\"peft_type\": \"LORA\" | \"peft_type\": \"IA3\" | peft_type",
                "\"init_lora_weights\": true | \"init_lora_weights\": \"pissa_niter_4\" | init_lora_weights",
                "\"r\": 3 | \"r\": 0 | r must be a number",
                "\"r\": 3 | \"r\": 4 | has the shape [3, 8]",
                "\"modules_to_save\": null | \"modules_to_save\": [\"score\"] | modules_to_save",
                "\"revision\": null | \"rank_pattern\": {\"q_proj\": 4} | rank_pattern"
            })
    void whatWouldBeAnotherAdapterIsRefused(String from, String to, String message) throws IOException {
        save(TestModels.tied());
        Path file = directory.resolve("adapter/adapter_config.json");
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replace(from, to));
        try (Transformer model = TestModels.create(TestModels.tied(), KERNELS)) {
            assertThatThrownBy(() -> model.loadAdapter(directory.resolve("adapter")))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void anAdapterOfAnotherModelIsRefused() {
        save(TestModels.gpt2());
        try (Transformer model = TestModels.create(TestModels.tied(), KERNELS)) {
            assertThatThrownBy(() -> model.loadAdapter(directory.resolve("adapter")))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("for another model");
            assertThatThrownBy(() -> model.loadAdapter(directory))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("has no adapter_config.json");
        }
    }

    /** As peft writes an adapter on the head: with the head's own weight beside its term. */
    private void saveWithHead(float factor) {
        LoraConfig lora = new LoraConfig(3, 6, false, Optional.of(TargetModules.named(List.of("q_proj", "lm_head"))));
        try (Transformer model = TestModels.create(TestModels.tied(), KERNELS)) {
            model.addAdapter(lora, CounterRandom.of(3));
            TestModels.drawTrained(model, 0.3);
            List<TensorEntry> entries =
                    new ArrayList<>(AdapterTensors.entries(model.adapter().orElseThrow()));
            Tensor head = model.embedding();
            FloatBuffer values = FloatBuffer.allocate((int) head.size());
            for (double value : head.toArray()) {
                values.put((float) value * factor);
            }
            entries.add(TensorEntry.of(
                    "base_model.model.lm_head.base_layer.weight",
                    sink -> sink.accept(values.duplicate().rewind()),
                    new long[] {head.rows(), head.columns()}));
            model.saveAdapter(directory.resolve("adapter"), "base");
            AdapterDirectory.write(
                    directory.resolve("peft"),
                    AdapterDirectory.open(directory.resolve("adapter")).config(),
                    entries);
        }
    }

    @Test
    void theHeadsOwnWeightThatPeftWritesIsTheModels() {
        saveWithHead(1);
        try (Transformer model = TestModels.create(TestModels.tied(), KERNELS);
                Transformer same = TestModels.create(TestModels.tied(), KERNELS)) {
            model.loadAdapter(directory.resolve("adapter"));
            same.loadAdapter(directory.resolve("peft"));
            PackedBatch batch = TestModels.threeSequences();
            assertThat(TestModels.logits(same, batch)).containsExactly(TestModels.logits(model, batch));
        }
        saveWithHead(1.5f);
        try (Transformer model = TestModels.create(TestModels.tied(), KERNELS)) {
            assertThatThrownBy(() -> model.loadAdapter(directory.resolve("peft")))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("lm_head.base_layer.weight, which is not the head of this model");
        }
    }

    @Test
    void aModelWithoutALanguageHeadPassesOverTheHeadsTerm() {
        saveWithHead(1);
        try (Transformer reward = TestModels.create(TestModels.tied(), EnumSet.of(Head.SCALAR), KERNELS)) {
            reward.loadAdapter(directory.resolve("peft"));
            assertThat(reward.trained().all())
                    .extracting(Parameter::name)
                    .noneMatch(name -> name.contains("lm_head"))
                    .anyMatch(name -> name.contains("q_proj"));
        }
    }
}
