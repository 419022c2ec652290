package io.github.rlhf4j.testing.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.FloatType;
import io.github.rlhf4j.core.files.SafetensorsWriter;
import io.github.rlhf4j.core.files.TensorData;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.EvaluationConfig;
import io.github.rlhf4j.core.stage.LoopSettings;
import io.github.rlhf4j.core.stage.StageRun;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.testing.disk.DiskFault.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS) // inodes, and fsync of folders
class DiskTest {
    private final Disk disk = Disk.OF_THIS_PROCESS;

    @TempDir
    private Path place;

    private Path folder = Path.of("");

    @BeforeEach
    void putTheDiskUnderTheFolder() throws IOException {
        folder = new DiskProvider(FileSystems.getDefault().provider())
                .getPath(place.toUri())
                .resolve("watched");
        Files.createDirectory(folder);
    }

    @AfterEach
    void release() throws IOException {
        disk.release();
    }

    @Test
    void everyChangeIsCounted() throws IOException {
        disk.watch(folder, DiskFault.NONE);
        AtomicFiles.writeString(folder.resolve("a"), "text");
        Files.delete(folder.resolve("a"));

        String temporary = "a.tmp-" + ProcessHandle.current().pid();
        assertThat(disk.changes())
                .containsExactly(
                        "CREATE " + temporary,
                        "WRITE " + temporary,
                        "FORCE " + temporary,
                        "MOVE " + temporary,
                        "FORCE_FOLDER ",
                        "DELETE a");
    }

    @Test
    void aKilledProcessChangesNothingMore() throws IOException {
        disk.watch(folder, new DiskFault(Kind.KILL, 3));
        Files.writeString(folder.resolve("a"), "text");

        assertThatThrownBy(() -> Files.createDirectory(folder.resolve("b"))).isInstanceOf(DiskKilled.class);
        assertThatThrownBy(() -> Files.delete(folder.resolve("a"))).isInstanceOf(DiskKilled.class);
        assertThat(disk.isDead()).isTrue();
        disk.release();
        assertThat(folder).isDirectoryContaining("glob:**/a").isDirectoryNotContaining("glob:**/b");
    }

    @Test
    void aNewNameThatTheDiskDoesNotTakeIsReported() {
        disk.watch(folder, new DiskFault(Kind.ERROR, 5));

        assertThatThrownBy(() -> AtomicFiles.writeString(folder.resolve("a"), "text"))
                .hasMessageContaining("cannot force")
                .hasMessageContaining("Input/output error");
    }

    @Test
    void rowsOfTensorsAreWrittenTogether() {
        FloatBuffer row = FloatBuffer.wrap(new float[] {1, 2, 3});
        TensorData rows = sink -> {
            for (int i = 0; i < 100; i++) {
                sink.accept(row.duplicate());
            }
        };
        disk.watch(folder, DiskFault.NONE);
        new SafetensorsWriter(FloatType.F32).writeFile(folder.resolve("a"), List.of(TensorEntry.of("x", rows, 100, 3)));

        assertThat(disk.changes())
                .filteredOn(change -> change.startsWith("WRITE"))
                .hasSize(2); // header and numbers
    }

    @Test
    void halfOfATornWriteArrives() throws IOException {
        disk.watch(folder, new DiskFault(Kind.TORN_ERROR, 2));

        assertThatThrownBy(() -> Files.writeString(folder.resolve("a"), "text")).hasMessage("Input/output error");
        assertThat(folder.resolve("a")).hasContent("te");
    }

    @Test
    void aFullDiskStillRemoves() throws IOException {
        Files.writeString(folder.resolve("a"), "text");
        disk.watch(folder, new DiskFault(Kind.FULL, 1));

        assertThatThrownBy(() -> Files.createDirectory(folder.resolve("b")))
                .hasMessageEndingWith("b: No space left on device");
        Files.delete(folder.resolve("a"));
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aPowerCutTakesWhatWasNotForced() throws IOException {
        Files.writeString(folder.resolve("old"), "old");
        disk.watch(folder, new DiskFault(Kind.POWER, Long.MAX_VALUE));
        AtomicFiles.writeString(folder.resolve("whole"), "whole"); // forced with its name
        Files.writeString(folder.resolve("lost"), "lost");
        Files.writeString(folder.resolve("old"), "new");
        Path forced = Files.writeString(folder.resolve("nameless"), "its data are forced");
        try (FileChannel channel = FileChannel.open(forced, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        disk.release();

        assertThat(folder.resolve("whole")).hasContent("whole");
        assertThat(folder.resolve("lost")).doesNotExist();
        assertThat(folder.resolve("nameless")).doesNotExist();
        assertThat(folder.resolve("old")).hasContent("old");
    }

    @Test
    void aPowerCutTakesARenameThatWasNotForcedAndBringsBackWhatItReplaced() throws IOException {
        Files.writeString(folder.resolve("new"), "new");
        Files.writeString(folder.resolve("old"), "old");
        disk.watch(folder, new DiskFault(Kind.POWER, Long.MAX_VALUE));
        Files.move(folder.resolve("new"), folder.resolve("old"), StandardCopyOption.REPLACE_EXISTING);
        disk.release();

        assertThat(folder.resolve("new")).hasContent("new");
        assertThat(folder.resolve("old")).hasContent("old");
    }

    @Test
    void aFolderIsForcedWithTheFoldersInIt() throws IOException {
        disk.watch(folder, new DiskFault(Kind.POWER, Long.MAX_VALUE));
        AtomicFiles.writeDirectory(
                folder.resolve("stage"),
                stage -> Files.writeString(
                        Files.createDirectories(stage.resolve("model/shards")).resolve("a"), "text"));
        disk.release();

        assertThat(folder.resolve("stage/model/shards/a")).hasContent("text");
    }

    @Test
    void foldersThatAFileNeedsAreForcedWithIt() throws IOException {
        disk.watch(folder, new DiskFault(Kind.POWER, Long.MAX_VALUE));
        AtomicFiles.writeString(folder.resolve("new/newer/a"), "text");
        disk.release();

        assertThat(folder.resolve("new/newer/a")).hasContent("text");
    }

    @Test
    void namesOfNewFoldersAreForced() throws IOException {
        disk.watch(folder, new DiskFault(Kind.POWER, Long.MAX_VALUE));
        AtomicFiles.createDirectories(folder.resolve("new/newer"));
        Files.createDirectories(folder.resolve("a/b"));
        disk.release();

        assertThat(folder.resolve("new/newer")).isDirectory();
        assertThat(folder.resolve("a")).doesNotExist();
    }

    @Test
    void recordedCrashesLeaveWhatCrashesLeave() throws IOException {
        Path store = Files.createDirectory(place.resolve("store"));
        changeMuch(); // so that something is there
        Map<DiskFault, String> recorded = new HashMap<>();
        CrashStates states = disk.record(
                folder, store, number -> number % 3 == 1, Set.of(Kind.KILL, Kind.TORN, Kind.POWER, Kind.POWER_EMPTY));
        changeMuch();
        int changes = disk.changes().size();
        disk.release();
        for (CrashStates.Crash crash : states.all()) {
            crash.restore();
            String left = left();
            crash.faults().forEach(fault -> recorded.put(fault, left));
        }

        assertThat(recorded).hasSize(4 * ((changes + 2) / 3));
        for (Map.Entry<DiskFault, String> each : recorded.entrySet()) {
            UnforcedChanges.deleteTree(place.resolve("watched"));
            Files.createDirectory(folder);
            changeMuch();
            disk.watch(folder, each.getKey());
            assertThatThrownBy(this::changeMuch).isInstanceOf(DiskKilled.class);
            disk.release();
            assertThat(left()).as("%s", each.getKey()).isEqualTo(each.getValue());
        }
    }

    /** By hand: data are kept by an fsync of their file, names by one of their folder. */
    @Test
    void recordedPowerCutsLeaveWhatWasForcedAndNothingElse() throws IOException {
        Path old = Files.writeString(folder.resolve("old"), "old");
        Path made = folder.resolve("made");
        CrashStates states =
                disk.record(folder, place.resolve("store"), number -> true, Set.of(Kind.POWER, Kind.POWER_EMPTY));
        try (FileChannel channel =
                FileChannel.open(made, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) { // 1
            channel.write(ByteBuffer.wrap("new".getBytes(StandardCharsets.UTF_8))); // 2
            channel.force(true); // 3
        }
        AtomicFiles.forceDirectory(folder); // 4
        Files.move(made, old, StandardCopyOption.REPLACE_EXISTING); // 5
        AtomicFiles.forceDirectory(folder); // 6
        Files.delete(old); // 7
        AtomicFiles.forceDirectory(folder); // 8
        Files.createDirectory(folder.resolve("last")); // 9
        disk.release();

        Map<DiskFault, String> left = new HashMap<>();
        for (CrashStates.Crash crash : states.all()) {
            crash.restore();
            String texts = texts();
            crash.faults().forEach(fault -> left.put(fault, texts));
        }
        List<String> strict = List.of(
                "old=old ", // before 1
                "old=old ",
                "old=old ",
                "old=old ", // the data of "made" are kept, but have no name
                "made=new old=old ",
                "made=new old=old ",
                "old=new ",
                "old=new ",
                "");
        List<String> namesKept = List.of(
                "old=old ",
                "made= old=old ",
                "made= old=old ", // its data are not kept
                "made=new old=old ",
                "made=new old=old ",
                "old=new ",
                "old=new ",
                "",
                "");
        Map<DiskFault, String> expected = new HashMap<>();
        for (int i = 0; i < strict.size(); i++) {
            expected.put(new DiskFault(Kind.POWER, i + 1L), strict.get(i));
            expected.put(new DiskFault(Kind.POWER_EMPTY, i + 1L), namesKept.get(i));
        }
        assertThat(left).isEqualTo(expected);
    }

    /** The files of the folder and what is in them. */
    private String texts() throws IOException {
        StringBuilder texts = new StringBuilder();
        try (Stream<Path> files = Files.list(place.resolve("watched"))) {
            for (Path file : files.sorted().toList()) {
                texts.append(file.getFileName())
                        .append('=')
                        .append(Files.readString(file))
                        .append(' ');
            }
        }
        return texts.toString();
    }

    private void changeMuch() throws IOException {
        AtomicFiles.writeString(folder.resolve("whole"), "whole " + Files.exists(folder.resolve("log")));
        Files.writeString(folder.resolve("log"), "a line\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        AtomicFiles.writeDirectory(
                folder.resolve("stage"), stage -> Files.writeString(stage.resolve("model"), "weights"));
        Files.createDirectories(folder.resolve("cache/tokens"));
        Files.writeString(folder.resolve("cache/tokens/a"), "tokens");
        Files.move(folder.resolve("cache"), folder.resolve("former"));
        Files.writeString(folder.resolve("log"), "another\n", StandardOpenOption.APPEND);
        try (FileChannel channel = FileChannel.open(folder.resolve("log"), StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        AtomicFiles.forceDirectory(folder);
        AtomicFiles.delete(folder.resolve("former"));
        Files.writeString(folder.resolve("log"), "new");
    }

    /** What is in the folder. */
    private String left() throws IOException {
        DiskState state = DiskState.of(place.resolve("watched"), new Contents(place.resolve("store")));
        return state.entries().toString();
    }

    /** What the program does with a stage: its configuration, its logs, then done.json. */
    @Test
    void logsOfAStageWithoutCheckpointsAreForcedAtItsEnd() throws IOException {
        disk.watch(folder, new DiskFault(Kind.POWER, Long.MAX_VALUE));
        Path stage = folder.resolve("stage");
        AtomicFiles.writeString(stage.resolve("config.yaml"), "type: toy\n");
        try (StageRun run = StageRun.builder(stage, new CpuKernels(1)).build()) {
            run.sample(1, Map.of("response", "text"));
            run.note("a line");
            run.requireLogs();
            AtomicFiles.writeString(stage.resolve("done.json"), "{}");
        }
        disk.release();

        assertThat(stage.resolve("done.json")).exists();
        assertThat(stage.resolve("samples.jsonl")).content().contains("text");
        assertThat(stage.resolve("messages.jsonl")).content().contains("a line");
    }

    /** As replicas have it, whose rounds are there before the first checkpoint. */
    @Test
    void logsThatACheckpointCountsOnKeepTheirNamesWhereItsFolderWasThere() throws IOException {
        disk.watch(folder, new DiskFault(Kind.POWER, Long.MAX_VALUE));
        Path stage = folder.resolve("stage");
        AtomicFiles.createDirectories(stage.resolve("checkpoints/replicas"));
        try (StageRun run = StageRun.builder(stage, new CpuKernels(1)).build()) {
            run.train(
                    LoopSettings.of(1, 1, EvaluationConfig.AT_THE_END, CheckpointConfig.every(1)),
                    step -> new StepResult(1, 1, 1, 10, new StepMetrics()),
                    Map::of);
        }
        disk.release();

        assertThat(stage.resolve("checkpoints/step-1/state.json")).exists();
        assertThat(stage.resolve("metrics.jsonl")).exists();
    }

    @Test
    void namesMayOutliveTheirData() throws IOException {
        disk.watch(folder, new DiskFault(Kind.POWER_EMPTY, Long.MAX_VALUE));
        Files.writeString(folder.resolve("a"), "text");
        AtomicFiles.writeString(folder.resolve("b"), "text");
        disk.release();

        assertThat(folder.resolve("a")).isEmptyFile();
        assertThat(folder.resolve("b")).hasContent("text");
    }
}
