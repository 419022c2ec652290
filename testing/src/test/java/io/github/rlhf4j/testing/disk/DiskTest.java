package io.github.rlhf4j.testing.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.StageRun;
import io.github.rlhf4j.testing.disk.DiskFault.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
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
