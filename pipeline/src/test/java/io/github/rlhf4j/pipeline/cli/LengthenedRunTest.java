package io.github.rlhf4j.pipeline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More steps for a stage that is complete. */
class LengthenedRunTest {
    @TempDir
    Path folder;

    private String err = "";

    @BeforeEach
    void writeRunFile() throws IOException {
        Path model = TinyModel.write(folder);
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            rows.append("{\"prompt\": \"What is %d?\", \"completion\": \" It is %d.\"}\n".formatted(i, i * 7));
        }
        Files.writeString(folder.resolve("rows.jsonl"), rows);
        Files.writeString(folder.resolve("run.yaml"), """
                stages:
                  first:
                    type: sft
                    model: %s
                    dataset: %s
                    eval_fraction: 0.3
                    eval_steps: 4
                    batch_size: 2
                    lr_scheduler_type: constant_with_warmup
                    warmup_steps: 2
                    logging_steps: 3
                    save_steps: 3
                    save_total_limit: 1
                    dropout: 0.1
                    max_steps: 5
                  second: {type: sft, model: first, dataset: %s, batch_size: 2, max_steps: 1}
                  third: {type: sft, model: second, dataset: %s, batch_size: 2, max_steps: 1}
                """.formatted(
                model, folder.resolve("rows.jsonl"), folder.resolve("rows.jsonl"), folder.resolve("rows.jsonl")));
    }

    @Test
    void moreStepsGiveTheBytesOfALongerRunAndLaterStagesAreNamed() throws IOException {
        assertThat(run("short")).as(err).isZero();
        assertThat(run("long", "first.max_steps=8")).as(err).isZero();

        assertThat(run("short", "first.max_steps=8", "--resume")).isEqualTo(2);
        assertThat(err)
                .contains("stages that are complete were made from an earlier model of one that is longer now: second,"
                        + " third; run them again: --from second");
        assertSame("first/metrics.jsonl");
        assertSame("first/model/model.safetensors");
        assertThat(run("short", "first.max_steps=8", "--from", "second"))
                .as(err)
                .isZero();
        assertSame("third/model/model.safetensors");
    }

    @Test
    void aScheduleOverAllStepsCannotBeLengthened() {
        assertThat(run("r", "first.lr_scheduler_type=linear", "first.warmup_steps=0"))
                .as(err)
                .isZero();
        assertThat(run("r", "first.lr_scheduler_type=linear", "first.warmup_steps=0", "first.max_steps=8", "--resume"))
                .isEqualTo(2);
        assertThat(err)
                .contains("the configuration of stage first has changed since it ran (max_steps: 5 -> 8), and its"
                        + " learning rates depend on the number of steps (lr_scheduler_type linear, warmup_steps 0.0),"
                        + " so that a longer run is another one; run it again with --from first, or undo the change");
    }

    @Test
    void withoutCheckpointsThereIsNothingToGoOnFrom() {
        assertThat(run("r", "first.save_steps=0", "first.save_total_limit=0"))
                .as(err)
                .isZero();
        assertThat(run("r", "first.save_steps=0", "first.save_total_limit=0", "first.max_steps=8", "--resume"))
                .isEqualTo(2);
        assertThat(err).contains("stage first has no checkpoint that more steps could follow (save_steps was 0)");
    }

    private void assertSame(String file) throws IOException {
        assertThat(folder.resolve("short").resolve(file))
                .hasSameBinaryContentAs(folder.resolve("long").resolve(file));
    }

    private int run(String name, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("run", folder.resolve("run.yaml").toString(), "name=" + name, "output_dir=" + folder));
        arguments.addAll(List.of(more));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream messages = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(arguments.toArray(String[]::new), messages, messages);
        err = bytes.toString(StandardCharsets.UTF_8);
        return code;
    }
}
