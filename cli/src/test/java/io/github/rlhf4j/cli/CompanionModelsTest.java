package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models that read other tokens than the one a stage trains, or fewer, are refused before the first stage, those of earlier stages too. */
class CompanionModelsTest {
    private static final String NEW =
            "{type: pretrain, dataset: {path: 'synthetic:pretrain', limit: 40}, tokenizer: {vocab_size: 300}, max_length: 32, max_steps: 1, batch_size: 2, architecture: {hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: %d}}";

    @TempDir
    private Path folder;

    @Test
    void aModelOfAnEarlierStageWithTooShortAContextIsRefused() throws IOException {
        String run = """
                stages:
                  long: %s
                  short: %s
                  reward: {type: reward, model: short, dataset: {path: 'synthetic:rankings', limit: 40}, max_length: 32, batch_size: 2, max_steps: 1}
                  ppo: {type: ppo, model: long, reward_model: reward, ref_model: short, dataset: {path: 'synthetic:prompts', limit: 40}, response_length: 8, batch_size: 2, max_steps: 1}
                  dpo: {type: dpo, model: long, ref_model: short, dataset: {path: 'synthetic:preferences', limit: 40}, batch_size: 2, max_steps: 1}
                  kto: {type: kto, model: long, ref_model: short, dataset: {path: 'synthetic:preferences', limit: 40}, batch_size: 2, max_steps: 1}
                """.formatted(NEW.formatted(192), NEW.formatted(160));

        String messages = refused(run);

        assertThat(messages)
                .contains("reward_model reward must have a context of at least 192 tokens")
                .contains("ref_model short must have a context of at least 192 tokens")
                .contains("but has 160");
        assertThat(folder.resolve("run/long")).doesNotExist();
    }

    @Test
    void aFoldersModelOfAnotherTokenizerIsRefused() throws IOException {
        Path one = PretrainedModel.write(Files.createDirectories(folder.resolve("one")));
        Path other = PretrainedModel.write(
                Files.createDirectories(folder.resolve("other")),
                PretrainedModel.PRETRAINING.stream()
                        .map(value -> value.replace("vocab_size: 300", "vocab_size: 290"))
                        .toList());
        String run = """
                stages:
                  dpo: {type: dpo, model: %1$s, ref_model: %2$s, dataset: {path: 'synthetic:preferences', limit: 40}, batch_size: 2, max_steps: 1}
                  ppo: {type: ppo, model: %1$s, reward_function: none, ref_model: %2$s, dataset: {path: 'synthetic:prompts', limit: 40}, response_length: 8, batch_size: 2, max_steps: 1}
                """.formatted(one, other);

        assertThat(refused(run))
                .contains("ref_model " + other + " and model " + one + " must have the same tokenizer and vocabulary")
                .contains("its vocabulary has 290 tokens and this one's 300");
    }

    private String refused(String run) throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, run);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(
                List.of("run", file.toString(), "output_dir=" + folder).toArray(String[]::new), messages, messages);
        assertThat(code).as(bytes.toString(StandardCharsets.UTF_8)).isEqualTo(2);
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
