package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaFileTest {
    @TempDir
    private Path folder;

    private String said = "";

    private int run(String... flags) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        String[] arguments = new String[flags.length + 3];
        arguments[0] = "run";
        arguments[1] = folder.resolve("run.yaml").toString();
        arguments[2] = "output_dir=" + folder;
        System.arraycopy(flags, 0, arguments, 3, flags.length);
        int code = Main.run(arguments, messages, messages);
        said = bytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    @Test
    void aStageIsNotReusedWhereTheSchemaThatItsTextsAreHeldToHasChanged() throws IOException {
        Path model = TinyModel.llama().write(folder.resolve("policy"));
        Path schema = Files.writeString(folder.resolve("schema.json"), "{\"enum\": [1, 2]}");
        Files.writeString(folder.resolve("run.yaml"), """
                name: run
                stages:
                  best: {type: best_of_n, model: %s, reward_function: length, dataset: {path: %s, limit: 2}, max_new_tokens: 4, num_generations: 2, batch_size: 2, structured_outputs: {json: %s}}
                """.formatted(
                        model, TinyData.PROMPTS.write(folder).path(), schema));
        assertThat(run()).as(said).isZero();
        assertThat(run("--resume")).as(said).isZero();

        Files.writeString(schema, "{\"enum\": [1, 3]}");

        assertThat(run("--resume")).isEqualTo(2);
        assertThat(said)
                .contains("best.structured_outputs.json (" + schema + ") is not what stage best has read")
                .contains("schema.json has changed")
                .contains("--from best");
        assertThat(run("--from", "best")).as(said).isZero();
    }
}
