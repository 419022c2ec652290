package io.github.rlhf4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.files.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileDigestsTest {
    private static final int MIB = 1 << 20;

    @TempDir
    Path folder;

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aLargeFileIsReadAgainOnlyWhenTheSystemSaysThatItHasChanged() throws Exception {
        Path file = Files.write(folder.resolve("weights"), new byte[2 * MIB]);
        Thread.sleep(100);
        FileDigests.Entry first = new FileDigests().of(file);
        FileStamp stamp = Objects.requireNonNull(first.stamp());
        JsonNode stored = new ObjectMapper()
                .valueToTree(Map.of(
                        "sha256",
                        "stored",
                        "bytes",
                        stamp.bytes(),
                        "modified",
                        stamp.modified(),
                        "changed",
                        stamp.changed()));

        FileDigests later = new FileDigests();
        later.remember(file, stored);
        assertThat(later.of(file).sha256()).isEqualTo("stored");

        FileTime modified = Files.getLastModifiedTime(file);
        byte[] other = new byte[2 * MIB];
        other[MIB] = 1;
        Files.write(file, other);
        Files.setLastModifiedTime(file, modified); // of the same size and time, but the time of change tells
        assertThat(later.of(file).sha256()).isEqualTo(AtomicFiles.sha256(file));
    }

    @Test
    void aFileThatWasWrittenAMomentAgoOrIsSmallHasNoStamp() throws IOException {
        assertThat(new FileDigests()
                        .of(Files.write(folder.resolve("new"), new byte[2 * MIB]))
                        .stamp())
                .isNull();
        assertThat(new FileDigests()
                        .of(Files.write(folder.resolve("small"), new byte[10]))
                        .stamp())
                .isNull();
    }

    @Test
    void theDigestOfAFolderIsThatOfAtomicFiles() throws IOException {
        AtomicFiles.writeString(folder.resolve("model/b/x"), "1");
        AtomicFiles.writeString(folder.resolve("model/a"), "2");
        Path model = folder.resolve("model");
        assertThat(FileDigests.ofAll(new FileDigests().below(model, Integer.MAX_VALUE, name -> true)))
                .isEqualTo(AtomicFiles.sha256OfDirectory(model));
    }
}
