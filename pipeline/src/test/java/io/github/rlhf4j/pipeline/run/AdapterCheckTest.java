package io.github.rlhf4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.AdapterVariantConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.SavedModulesConfig;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.reward.process.ProcessRewardConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterCheckTest {
    @TempDir
    Path folder;

    @Test
    void whatIsSavedIsHeldAgainstTheHeadThatTheStageTrains() throws IOException {
        assertThat(mistakes("process_reward", "score")).isEmpty();
        assertThat(mistakes("process_reward", "lm_head")).hasSize(1);
        assertThat(mistakes("sft", "lm_head")).isEmpty();
        assertThat(mistakes("sft", "score")).hasSize(1);
    }

    private List<String> mistakes(String type, String saved) throws IOException {
        Files.writeString(folder.resolve("config.json"), """
                {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 8, "intermediate_size": 16,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 32, "max_position_embeddings": 16,
                 "rms_norm_eps": 1e-05, "hidden_act": "silu"}
                """);
        AdapterConfig adapter = new AdapterConfig(
                OptionalInt.of(2),
                OptionalDouble.empty(),
                Optional.empty(),
                List.of(),
                AdapterVariantConfig.PLAIN,
                SavedModulesConfig.of(saved));
        ModelReference model = new ModelReference("start", folder);
        return AdapterCheck.mistakes(
                ProcessRewardConfig.builder(model, DatasetSpec.of("rows.jsonl"))
                        .adapter(adapter)
                        .build(),
                type,
                ModelConfig.from(HuggingFaceConfig.read(folder)));
    }
}
