package io.github.rlhf4j.cli;

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
        Path model = PretrainedModel.write(folder);
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

    @Test
    void severalEvaluationSetsHaveNamesAndTheBestModelIsThatOfOne() throws IOException {
        String rows = folder.resolve("rows.jsonl").toString();
        String[] values = {
            "first.eval_fraction=0",
            "first.eval_dataset={all: %s, few: {path: %s, limit: 3}}".formatted(rows, rows),
            "first.eval_steps=2",
            "first.eval_on_start=true",
            "first.load_best_model_at_end=true",
            "first.metric_for_best_model=eval_few_loss"
        };
        assertThat(run("r", values)).as(err).isZero();

        assertThat(err)
                .contains("[first] eval_dataset.all: 12 examples", "[first] eval_dataset.few: 3 examples")
                .contains("whose eval_few_loss ");
        String metrics = Files.readString(folder.resolve("r/first/metrics.jsonl"));
        assertThat(metrics)
                .startsWith("{\"step\":0,\"eval_all_loss\":")
                .contains("\"eval_few_loss\":", "\"eval_few_bits_per_byte\":", "\"epoch\":0.6666666666666666");
        assertThat(Files.readString(folder.resolve("r/summary.json"))).contains("\"best_step\"");
    }

    @Test
    void evaluationsWithoutDataAreMistakes() {
        assertThat(run("r", "second.eval_steps=2", "third.early_stopping_patience=2"))
                .isEqualTo(2);
        assertThat(err)
                .contains(
                        "second.eval_steps does nothing without eval_dataset or eval_fraction, so must be 0, but is 2")
                .contains("third.early_stopping_patience does nothing without eval_steps or eval_strategy: epoch");
        assertThat(run("r", "second.lr_scheduler_type=polynomial", "second.lr_scheduler_kwargs={lr_end: 1}"))
                .isEqualTo(2);
        assertThat(err).contains("second.lr_scheduler_kwargs.lr_end must be >= 0 and below learning_rate");
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
