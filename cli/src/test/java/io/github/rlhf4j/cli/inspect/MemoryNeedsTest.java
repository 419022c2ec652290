package io.github.rlhf4j.cli.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.tensor.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said beside what was measured: maximum resident set sizes of whole stages on SmolLM2-135M, batches of sequences of some 60 tokens (docs/hardware.md). */
class MemoryNeedsTest {
    private static final String SMOLLM2 = """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 576, "intermediate_size": 1536,
             "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3, "vocab_size": 49152,
             "max_position_embeddings": 8192, "tie_word_embeddings": true, "rms_norm_eps": 1e-05, "rope_theta": 100000,
             "hidden_act": "silu"}
            """;

    @Test
    void isWithinATenthOfWhatTrainingTakes(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("config.json"), SMOLLM2);
        ModelConfig config = ModelConfig.from(HuggingFaceConfig.read(folder));
        MemoryNeeds language = new MemoryNeeds(new ModelSize(config, Set.of(Head.LANGUAGE), DataType.FLOAT));

        assertThat(language.training(128, false)).isCloseTo(2_630_732L << 10, withinPercentage(10)); // sft
        assertThat(language.adapterTraining(128, false)).isCloseTo(1_128_324L << 10, withinPercentage(10)); // sft
        assertThat(language.adapterTraining(128, false)).isCloseTo(1_086_936L << 10, withinPercentage(10)); // dpo
    }
}
