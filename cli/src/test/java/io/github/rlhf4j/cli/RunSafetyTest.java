package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing of the user's is lost, and nothing is gone on with that has changed. */
class RunSafetyTest {
    private static final String RUN = """
        name: r
        seed: 7
        stages:
          a: {type: toy}
          b: {type: toy, model: a, rate: 2, dataset: $dataset}
          c: {type: toy, model: b, steps: 4}
        """;

    @TempDir
    Path folder;

    private String err = "";

    @BeforeEach
    void writeRunFile() throws IOException {
        Files.writeString(folder.resolve("run.yaml"), RUN);
        Files.writeString(folder.resolve("data.jsonl"), "{\"text\": \"one\"}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--overwrite", "--resume", "--only a", "--from a", "name=r"})
    void whatIsNoRunIsNeverTouched(String flags) throws IOException {
        write("chapter1.txt", "precious");
        write("cache/mine/x", "precious");
        write("a/mine/y", "precious");
        Map<String, String> before = files();
        assertThat(run(flags.split(" "))).isEqualTo(2);
        assertThat(err).contains("is not the folder of a run (it holds a, cache, chapter1.txt)");
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void aMistakeRemovesOnlyWhatTheRunHasMade() throws IOException {
        assertThat(run("--only", "a")).isZero();
        write("cache/mine/x", "precious");
        assertThat(run("a.trouble=data", "--from", "a")).isEqualTo(2);
        assertThat(runs("cache/mine/x")).exists();
        assertThat(runs("a/done.json")).exists();
    }

    @Test
    void foreignFilesInARunAreNamedAndStay() throws IOException {
        assertThat(run()).as(err).isZero();
        write("notes.txt", "precious");
        write("b/notes/n.txt", "precious");
        write("b/model/converted.gguf", "precious");
        Map<String, String> before = files();
        assertThat(run("--overwrite")).isEqualTo(2);
        assertThat(err).contains("holds what this run has not made (b/model/converted.gguf, b/notes/n.txt, notes.txt)");
        assertThat(run("--from", "a")).isEqualTo(2);
        assertThat(run("--only", "b")).isEqualTo(2);
        assertThat(err).contains("holds what this run has not made (b/model/converted.gguf, b/notes/n.txt)");
        assertThat(files()).isEqualTo(before);
        assertThat(run("--from", "c")).as(err).isZero();
        assertThat(run("--resume")).as(err).isZero();
        assertThat(runs("b/notes/n.txt")).exists();
    }

    @Test
    void aFolderThatIsCalledLikeAStageIsNotReplaced() throws IOException {
        assertThat(run("--only", "a")).isZero();
        write("b/mine.txt", "precious");
        assertThat(run("--resume")).isEqualTo(2);
        assertThat(err).contains("/b holds what this run has not made (b)");
        assertThat(run("--overwrite")).isEqualTo(2);
        assertThat(runs("b/mine.txt")).exists();
        assertThat(runs("a/done.json")).exists();
    }

    @Test
    void linksAreRemovedAndNotLookedThrough() throws IOException {
        assertThat(run()).isZero();
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(runs("b"), elsewhere);
        Files.createSymbolicLink(runs("b"), elsewhere);
        assertThat(run("--overwrite")).as(err).isZero();
        assertThat(elsewhere.resolve("done.json")).exists();
        assertThat(Files.isSymbolicLink(runs("b"))).isFalse();
    }

    @Test
    void aLogOfACompleteStageThatWasChangedIsNamed() throws IOException {
        assertThat(run()).as(err).isZero();
        assertThat(run("--resume")).as(err).isZero();
        assertThat(err).doesNotContain("was changed or removed");
        Files.writeString(runs("a/metrics.jsonl"), "{\"step\": 1, \"loss\": 0}\n");

        assertThat(run("--resume")).as(err).isZero();
        assertThat(err)
                .contains("a/metrics.jsonl was changed or removed after stage a had written it")
                .doesNotContain("b/metrics.jsonl was");
    }

    @Test
    void aRunThatWasKilledBeforeItsFolderHadAMarkIsBegunAgain() throws IOException {
        write(".lock", "");
        write(".rlhf4j.tmp-999999999999", "The fol");

        assertThat(run("--resume")).as(err).isZero();
        write(".process.tmp-999999999999", "{");
        assertThat(run("--resume")).as(err).isZero();
        assertThat(runs(".rlhf4j.tmp-999999999999")).doesNotExist();
        assertThat(runs(".process.tmp-999999999999")).doesNotExist();
    }

    @Test
    void aFolderInThePlaceOfALogIsNamed() throws IOException {
        assertThat(run("a.trouble=halfway")).isEqualTo(1);
        assertThat(runs("a/samples.jsonl")).isEmptyFile();
        Files.delete(runs("a/samples.jsonl"));
        Files.createDirectory(runs("a/samples.jsonl"));

        assertThat(run("a.trouble=halfway", "--resume")).isEqualTo(2);
        assertThat(err).contains("a/samples.jsonl is a folder", "--from");
        assertThat(run("--from", "a")).as(err).isZero();
    }

    @Test
    void nothingIsAppendedToWhatALinkPointsTo() throws IOException {
        assertThat(run("a.trouble=halfway")).isEqualTo(1);
        Path outside = folder.resolve("outside.jsonl");
        Files.move(runs("a/metrics.jsonl"), outside);
        Files.createSymbolicLink(runs("a/metrics.jsonl"), outside);
        Path log = Files.writeString(folder.resolve("outside.log"), "mine");
        Files.delete(runs("run.log"));
        Files.createSymbolicLink(runs("run.log"), log);
        String before = Files.readString(outside);

        assertThat(run("a.trouble=halfway", "--resume")).isEqualTo(2);
        assertThat(err).contains("a/metrics.jsonl is a link");
        assertThat(outside).hasContent(before);
        assertThat(log).hasContent("mine");
        Files.delete(runs("a/metrics.jsonl"));
        Files.move(outside, runs("a/metrics.jsonl"));
        assertThat(run("a.trouble=halfway", "--resume")).as(err).isZero();
        assertThat(log).hasContent("mine");
    }

    @Test
    void theOldRunComesBackWhenTheNewOneFailsBeforeItsFirstStageIsComplete() throws IOException {
        assertThat(run()).isZero();
        write("cache/tokens", "cached");
        Map<String, String> before = files();
        for (String trouble : List.of("data", "self_check", "bug")) {
            assertThat(run("a.trouble=" + trouble, "--overwrite")).isPositive();
            assertThat(files()).isEqualTo(before);
            assertThat(run("b.trouble=" + trouble, "--from", "b")).isPositive();
            assertThat(files()).isEqualTo(before);
            assertThat(run("c.trouble=" + trouble, "--only", "c")).isPositive();
            assertThat(files()).isEqualTo(before);
        }
        assertThat(run("--resume")).isZero();
        assertThat(err).contains("every stage is complete already");
    }

    @Test
    void theOldRunIsKeptUntilTheNewOnesFirstStageIsComplete() throws IOException {
        assertThat(run()).isZero();
        Map<String, String> before = files();
        assertThat(run("a.trouble=halfway", "--overwrite")).isEqualTo(1);
        assertThat(runs(".previous/c/done.json")).exists();
        assertThat(runs("c")).doesNotExist();
        assertThat(run("a.trouble=data", "--overwrite")).isEqualTo(2); // a third run, with nothing to show either
        assertThat(files()).isEqualTo(before);
        assertThat(run("a.trouble=halfway", "--overwrite")).isEqualTo(1);
        assertThat(run("a.trouble=halfway", "--resume")).as(err).isZero();
        assertThat(err).contains("[a] resumed from step 2", "[c] toy");
        assertThat(runs(".previous")).doesNotExist();
    }

    @Test
    void aKilledFromIsResumedWithoutStagesOfTheOldRun() throws IOException {
        assertThat(run()).isZero();
        assertThat(run("b.rate=3", "b.trouble=halfway", "--from", "b")).isEqualTo(1);
        Files.writeString(runs(".previous/.until"), ""); // as a power cut may leave it
        assertThat(run("b.rate=3", "b.trouble=halfway", "--resume")).as(err).isZero();
        assertThat(runs(".previous")).doesNotExist();
        assertThat(err).contains("[a] complete, reused", "[c] toy").doesNotContain("[c] complete");
        Map<String, String> resumed = files();
        assertThat(run("b.rate=3", "b.trouble=none", "--overwrite")).isZero();
        assertThat(files().get("c/metrics.jsonl")).isEqualTo(resumed.get("c/metrics.jsonl"));
    }

    @Test
    void aStageIsNotReusedWhenTheOneBeforeItHasBeenMadeAnewDifferently() throws IOException {
        assertThat(run()).isZero();
        assertThat(run("a.rate=3", "a.trouble=halfway", "--only", "a")).isEqualTo(1);
        assertThat(run("a.rate=3", "a.trouble=halfway", "--resume")).isEqualTo(2);
        assertThat(err).contains("stage b was made from another model of stage a than the present one");
    }

    @Test
    void aCheckpointOfWhichOnlyTheFolderIsLeftIsTheRunsOwn() throws IOException {
        assertThat(run()).isZero();
        Files.createDirectories(runs("a/checkpoints/step-1")); // killed while it removed one
        assertThat(run("--overwrite")).as(err).isZero();
    }

    @Test
    void whatWasKeptGoesAlsoWhereThePowerWentAfterTheStageThatTookItsPlace() throws IOException {
        assertThat(run()).isZero();
        Files.createDirectories(runs(".previous/a"));
        Files.writeString(runs(".previous/.until"), "a");
        assertThat(run("--resume")).isZero();
        assertThat(runs(".previous")).doesNotExist();
    }

    @Test
    void whatWasMovedAsideWhenTheProcessWasKilledComesBack() throws IOException {
        assertThat(run()).isZero();
        Map<String, String> before = files();
        Files.createDirectories(runs(".setting-aside"));
        Files.move(runs("a"), runs(".setting-aside/a"));
        Files.writeString(runs(".setting-aside/.until.tmp-999999999999"), "b");
        Files.createDirectories(runs(".discarded/a"));
        assertThat(run("--resume")).isZero();
        assertThat(err).contains("every stage is complete already");
        assertThat(files()).isEqualTo(before);
        assertThat(runs(".")).isDirectoryNotContaining("glob:**/.until*");
    }

    @Test
    void dataThatHaveChangedAreRefusedByName() throws IOException {
        assertThat(run("b.trouble=halfway")).isEqualTo(1);
        Path data = folder.resolve("data.jsonl");
        Files.writeString(data, "{\"text\": \"two\"}\n");
        assertThat(run("b.trouble=halfway", "--resume")).isEqualTo(2);
        assertThat(err)
                .containsPattern("b\\.dataset \\(.*data\\.jsonl\\) is not what stage b has read: "
                        + "SHA-256 [0-9a-f]{16} now, [0-9a-f]{16} then \\(.*data\\.jsonl has changed\\)");
        Files.writeString(data, "{\"text\": \"one\"}\n");
        assertThat(run("b.trouble=halfway", "--resume")).as(err).isZero();
        Files.writeString(data, "{\"text\": \"two\"}\n");
        for (String[] flags : new String[][] {{"--resume"}, {"--from", "c"}, {"--only", "c"}}) {
            List<String> all = new ArrayList<>(List.of("b.trouble=halfway"));
            all.addAll(List.of(flags));
            assertThat(run(all.toArray(String[]::new))).isEqualTo(2);
            assertThat(err).contains("b.dataset (");
        }
        assertThat(run("b.trouble=halfway", "--from", "b")).isEqualTo(1); // reads the new data
    }

    @Test
    void aModelThatWasChangedAfterItWasMadeIsRefusedByName() throws IOException {
        assertThat(run("c.trouble=halfway")).isEqualTo(1);
        String level = Files.readString(runs("a/model/level.txt"));
        Files.writeString(runs("a/model/level.txt"), "9");
        assertThat(run("c.trouble=halfway", "--resume")).isEqualTo(2);
        assertThat(err).containsPattern("a/model/level\\.txt was changed after stage a had made it: SHA-256 ");
        Files.delete(runs("a/model/level.txt"));
        assertThat(run("c.trouble=halfway", "--resume")).isEqualTo(2);
        assertThat(err).contains("SHA-256 none now");
        Files.writeString(runs("a/model/level.txt"), level);
        assertThat(run("c.trouble=halfway", "--resume")).as(err).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "null",
                "[]",
                "x",
                "{\"summary\": {\"type\": \"toy\"}, \"model_sha256\": 1, \"inputs\": {}}",
                "{\"summary\": {\"type\": \"toy\"}, \"model_sha256\": \"\", \"inputs\": {}, \"files\": {\"../x\":"
                        + " {\"sha256\": \"0123456789012345678901234567890123456789012345678901234567890123\"}}}",
                "{\"summary\": {\"type\": \"toy\"}, \"model_sha256\": \"\", \"inputs\": {}, \"files\": {\"a\\u0000\":"
                        + " {\"sha256\": \"0123456789012345678901234567890123456789012345678901234567890123\"}}}"
            })
    void aDamagedDoneFileIsNoCompleteStage(String content) throws IOException {
        assertThat(run()).isZero();
        String whole = Files.readString(runs("b/done.json"));
        Files.writeString(runs("b/done.json"), content);
        assertThat(run("--resume")).isEqualTo(2);
        assertThat(err).contains("b/done.json is damaged", "--from b");
        for (String changed : List.of("(?<=\"model_sha256\" : \")....", "(?<=\"seconds\" : )[0-9]", "own(?=_sha256)")) {
            Files.writeString(runs("b/done.json"), whole.replaceFirst(changed, "1000"));
            assertThat(run("--resume")).as(changed).isEqualTo(2);
            assertThat(err).contains("b/done.json is damaged");
        }
        Files.writeString(runs("b/done.json"), whole.replace("\n", " \n"));
        assertThat(run("--resume")).as(err).isZero();
        Files.writeString(runs("b/done.json"), content);
        assertThat(run("--from", "b")).as(err).isZero();
    }

    @Test
    void withoutTheStoredConfigurationOrInputsNothingIsGoneOnWith() throws IOException {
        assertThat(run("c.trouble=halfway")).isEqualTo(1);
        for (String name : List.of("c/config.yaml", "c/inputs.json", "a/config.yaml", "a/inputs.json")) {
            String text = Files.readString(runs(name));
            Files.delete(runs(name));
            assertThat(run("c.trouble=halfway", "--resume")).isEqualTo(2);
            assertThat(err).contains(name + " is gone");
            Files.writeString(runs(name), text);
        }
        for (String name : List.of("c/inputs.json", "a/inputs.json")) {
            String text = Files.readString(runs(name));
            for (String damaged : List.of(text + "{}", "{\"step-2/state.json\": \"0123\"}")) {
                Files.writeString(runs(name), damaged);
                assertThat(run("c.trouble=halfway", "--resume")).isEqualTo(2);
                assertThat(err).contains(name + " is gone or damaged");
            }
            Files.writeString(runs(name), text);
        }
        String inputs = Files.readString(runs("b/inputs.json"));
        Files.writeString(runs("b/inputs.json"), inputs.replaceFirst("\"given\" : \"", "$0x"));
        assertThat(run("c.trouble=halfway", "--resume")).isEqualTo(2);
        assertThat(err).contains("b/inputs.json is gone or damaged");
        Files.writeString(runs("b/inputs.json"), inputs);
        assertThat(run("c.trouble=halfway", "--resume")).as(err).isZero();
    }

    @Test
    void runsOfOlderVersionsAreGoneOnWith() throws IOException {
        assertThat(run("c.trouble=halfway")).isEqualTo(1);
        Files.delete(runs(".rlhf4j"));
        for (String stage : List.of("a", "b", "c")) {
            Files.delete(runs(stage + "/inputs.json"));
        }
        for (String stage : List.of("a", "b")) {
            String done = Files.readString(runs(stage + "/done.json"));
            Files.writeString(runs(stage + "/done.json"), done.replaceFirst("(?s),\\s*\"files\".*", "}"));
        }
        assertThat(run("c.trouble=halfway", "--resume")).as(err).isZero();
        assertThat(run("c.trouble=halfway", "--resume")).as(err).isZero();
        assertThat(run("--overwrite")).as(err).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"removed", "removed_halfway"})
    void aFolderThatIsRemovedWhileItsRunGoesOnIsAnError(String trouble) {
        assertThat(run("b.trouble=" + trouble)).isEqualTo(2);
        assertThat(err).contains("was removed while its run was going on").doesNotContain("done: ");
        assertThat(run("--resume")).as(err).isZero(); // nothing that the process has still written is in the way
    }

    @Test
    void aStageCannotBeCalledLikeWhatARunLeaves() throws IOException {
        Files.writeString(folder.resolve("run.yaml"), "name: r\nstages: {cache: {type: toy}}\n");
        assertThat(run()).isEqualTo(2);
        assertThat(err).contains("a stage cannot be called cache");
    }

    private int run(String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("run", folder.resolve("run.yaml").toString()));
        all.add("output_dir=" + folder.resolve("runs"));
        try {
            if (Files.readString(folder.resolve("run.yaml")).contains("$dataset")) {
                all.add("dataset=" + folder.resolve("data.jsonl"));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        all.addAll(List.of(arguments));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int code = Main.run(all.toArray(String[]::new), stream, stream);
        err = bytes.toString(StandardCharsets.UTF_8);
        return code;
    }

    private Path runs(String name) {
        return folder.resolve("runs/r").resolve(name);
    }

    private void write(String name, String text) throws IOException {
        Files.createDirectories(runs(name).getParent());
        Files.writeString(runs(name), text);
    }

    /** Every file of the run's folder that is not hidden with its text. */
    private Map<String, String> files() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder.resolve("runs/r"))) {
            for (Path file : all.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                String name = folder.resolve("runs/r").relativize(file).toString();
                if (!name.matches("\\.lock|\\.rlhf4j|\\.process|run\\.log")) {
                    files.put(name, Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        }
        return files;
    }
}
