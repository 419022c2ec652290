package io.github.rlhf4j.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFileTest {
    @TempDir
    Path folder;

    @Test
    void readsNameSeedAndStagesInTheOrderOfTheFile() {
        RunFile run = read("name: quickstart\nseed: 7\nstages:\n  sft: {type: sft}\n  a-dpo: {type: dpo}\n");
        assertThat(run.name()).isEqualTo("quickstart");
        assertThat(run.seed()).isEqualTo(7);
        assertThat(run.directory()).isEqualTo(Path.of("runs/quickstart"));
        assertThat(run.stages().keySet()).containsExactly("sft", "a-dpo");
    }

    @Test
    void aChatTemplateMayLieBesideTheRunFile() throws IOException {
        Files.writeString(folder.resolve("chat.jinja"), "{{ messages }}");
        RunFile run = read(
                "stages: {a: {type: sft, chat_template_path: chat.jinja}, b: {type: sft, chat_template_path: no.jinja},"
                        + " c: {type: sft}}",
                "c.chat_template_path=chat.jinja");
        assertThat(run.stages().values())
                .extracting(keys -> ((ConfigValue.Scalar)
                                Objects.requireNonNull(keys.entries().get("chat_template_path")))
                        .text())
                .containsExactly(folder.resolve("chat.jinja").toString(), "no.jinja", "chat.jinja");
    }

    @Test
    void theNameIsTheFilesWhereNoneIsGiven() {
        assertThat(read("stages: {sft: {type: sft}}").name()).isEqualTo("run");
    }

    @Test
    void aNameThatYamlCallsABooleanStaysText() {
        assertThat(read("name: no\nstages: {on: {type: sft}}").name()).isEqualTo("no");
    }

    @Test
    void theCommandLineOutranksTheFileAndSaysSo() {
        RunFile run = read("stages: {sft: {type: sft, learning_rate: 1e-3}}", "sft.learning_rate=1e-4", "seed=9");
        ConfigValue rate = value(run, "learning_rate");
        assertThat(rate.toLine()).isEqualTo("1e-4");
        assertThat(rate.origin()).isEqualTo(Origin.COMMAND_LINE);
        assertThat(value(run, "type").origin().text()).isEqualTo("run.yaml:1");
        assertThat(run.seed()).isEqualTo(9);
    }

    @Test
    void theCommandLineSetsListsMapsAndInnerKeys() {
        RunFile run = read(
                "stages: {sft: {type: sft, dataset: train.jsonl}}",
                "sft.loss_type=[sigmoid, sft]",
                "sft.dataset.limit=10",
                "sft.columns={prompt: question}");
        assertThat(stage(run).toLine())
                .isEqualTo("{type: sft, dataset: {path: train.jsonl, limit: 10}, loss_type: [sigmoid, sft],"
                        + " columns: {prompt: question}}");
    }

    @Test
    void aPathWithColonsBlanksAndHashesIsTakenAsItIs() {
        RunFile run = read("stages: {sft: {type: sft}}", "sft.dataset=/tmp/a b #1: c.jsonl");
        assertThat(value(run, "dataset"))
                .isInstanceOfSatisfying(
                        ConfigValue.Scalar.class,
                        scalar -> assertThat(scalar.text()).isEqualTo("/tmp/a b #1: c.jsonl"));
    }

    @Test
    void oneModelAndOneDatasetOfTheRunServeEveryStageThatRefersToThem() {
        RunFile run = read(
                "stages: {sft: {type: sft, model: $model, dataset: {path: $dataset, split: train}, note: '$model'}}",
                "model=/m",
                "dataset=d.jsonl");
        assertThat(stage(run).toLine())
                .isEqualTo("{type: sft, model: /m, dataset: {path: d.jsonl, split: train}, note: \"$model\"}");
        assertThat(value(run, "model").origin()).isEqualTo(Origin.COMMAND_LINE);
    }

    @Test
    void aMissingOrUnusedInputOfTheRunIsRefused() {
        assertThatThrownBy(() -> read("stages: {sft: {type: sft, model: $model}, dpo: {type: dpo, model: $model}}"))
                .isInstanceOf(UserError.class)
                .hasMessage("model must be given, because sft.model refers to it (run.yaml:1);"
                        + " add model=... to the command line");
        assertThatThrownBy(() -> read("stages: {sft: {type: sft, model: m}}", "model=/m"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("model is given (command line), but no stage of this run refers to $model");
    }

    @Test
    void allMistakesAreReportedAtOnce() {
        assertThatThrownBy(() -> read(
                        "sede: 7\nname: a/b\nstages:\n  Bad Name: {type: sft}\n  sft: {type: sft}\n",
                        "stf.learning_rate=1",
                        "batch_size=3",
                        "nonsense",
                        "seed=-1"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("sede is not a known key of a run (run.yaml:1); did you mean seed?")
                .hasMessageContaining("name must be letters")
                .hasMessageContaining("\"Bad Name\" must be made of a-z")
                .hasMessageContaining("the stages are sft; did you mean sft?")
                .hasMessageContaining("sft.batch_size=...")
                .hasMessageContaining("'nonsense' must be stage.key=value")
                .hasMessageContaining("seed must be a whole number >= 0, but is -1")
                .hasMessageStartingWith("7 mistakes");
    }

    @Test
    void refusesWhatYamlCouldMeanInTwoWays() {
        assertRefused("stages: {a: {type: sft, type: dpo}}", "run.yaml:1");
        assertRefused("stages:\n  a: {type: !!str sft}\n---\nb: 1\n", "run.yaml");
        assertRefused("stages: {a: {type: !x sft}}", "YAML tag (!x)");
        assertRefused("stages: {a: !x {type: sft}}", "YAML tag (!x)");
        assertRefused("stages:\n  a: [1, 2\n", "is not valid YAML");
        assertRefused("", "run.yaml is empty");
        assertRefused("- a\n- b\n", "must hold a map");
        assertRefused("name: x\n", "stages must be a map");
    }

    /** No object is made of what a file names. */
    @Test
    void aTagThatNamesAClassIsRefusedWhereverItIs() {
        String url = "tag is not allowed: tag:yaml.org,2002:java.net.URL";
        assertRefused("stages: {a: {type: !!java.net.URL [x]}}", "run.yaml:1 is not valid YAML: Global " + url);
        assertRefused("stages: {a: {type: !!java.net.URL x}}", url);
        assertRefused("stages: {a: !!java.net.URL {type: sft}}", url);
        assertRefused("stages: {a: {!!java.net.URL type: sft}}", url);
    }

    @Test
    void aliasesAndMergeKeysStandForWhatTheyNameWithItsPlace() {
        RunFile run = read("""
                x-base: &base
                  type: dpo
                  beta: 0.1
                x-slow: &slow {beta: 0.3, learning_rate: 1e-7}
                stages:
                  a: *base
                  b: {<<: *base, beta: 0.5}
                  c:
                    <<: [*slow, *base]
                    loss_type: &losses [ipo, sft]
                  d:
                    loss_type: *losses
                    <<: *base
                """);
        assertThat(stage(run, "a").toLine()).isEqualTo("{type: dpo, beta: 0.1}");
        assertThat(stage(run, "b").toLine()).isEqualTo("{type: dpo, beta: 0.5}");
        assertThat(stage(run, "c").toLine())
                .isEqualTo("{beta: 0.3, learning_rate: 1e-7, type: dpo, loss_type: [ipo, sft]}");
        assertThat(stage(run, "d").toLine()).isEqualTo("{loss_type: [ipo, sft], type: dpo, beta: 0.1}");
        assertThat(Objects.requireNonNull(stage(run, "b").entries().get("type"))
                        .origin()
                        .text())
                .isEqualTo("run.yaml:2");
        assertThat(Objects.requireNonNull(stage(run, "b").entries().get("beta"))
                        .origin()
                        .text())
                .isEqualTo("run.yaml:7");
        assertThat(run.run().entries()).doesNotContainKey("x-base");
    }

    @Test
    void aliasesThatMultiplyOrNameThemselvesAreRefused() {
        StringBuilder bomb = new StringBuilder("x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 9; i++) {
            String alias = "*a" + (i - 1);
            bomb.append("x-%d: &a%d [%s]\n".formatted(i, i, String.join(", ", Collections.nCopies(10, alias))));
        }
        assertRefused(bomb + "stages: {a: {type: sft}}\n", "its aliases (*) multiply");
        assertRefused("stages: &s {a: {type: sft, more: *s}}", "run.yaml:1 has an alias (*) inside of what it names");
        assertRefused("stages: &s {a: {<<: *s}}", "inside of what it names");
        assertRefused("stages: {a: {<<: 3}}", "run.yaml:1 has a merge key (<<) whose value is no map");
        assertRefused("stages: {a: *none}", "is not valid YAML");
    }

    @Test
    void aMissingFileIsOneLine() {
        assertThatThrownBy(() -> RunFile.read(folder.resolve("none.yaml"), List.of()))
                .isInstanceOf(UserError.class)
                .hasMessageEndingWith("none.yaml does not exist");
    }

    private static ConfigValue value(RunFile run, String key) {
        return Objects.requireNonNull(stage(run).entries().get(key));
    }

    private static ConfigValue.Entries stage(RunFile run, String name) {
        return Objects.requireNonNull(run.stages().get(name));
    }

    private static ConfigValue.Entries stage(RunFile run) {
        return run.stages().values().iterator().next();
    }

    private void assertRefused(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml)).isInstanceOf(UserError.class).hasMessageContaining(message);
    }

    private RunFile read(String yaml, String... arguments) {
        try {
            Path file = Files.writeString(folder.resolve("run.yaml"), yaml);
            return RunFile.read(file, List.of(arguments));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
