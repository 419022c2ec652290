package io.github.rlhf4j.datasets.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFilesTest {
    @TempDir
    Path folder;

    @BeforeEach
    void writeFiles() throws IOException {
        for (String name : List.of(
                "b.jsonl",
                "a.jsonl.gz",
                "README.md",
                "data/train-1.parquet",
                "data/train-0.parquet",
                "data/test.csv",
                ".cache/x.jsonl")) {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, name);
        }
    }

    private List<String> names(String... paths) {
        return DataFiles.of(List.of(paths)).list().stream()
                .map(file -> folder.relativize(file.path()).toString().replace('\\', '/'))
                .toList();
    }

    @Test
    void aFolderIsAllDataFilesInAndBelowIt() {
        assertThat(names(folder.toString()))
                .containsExactly(
                        "a.jsonl.gz", "b.jsonl", "data/test.csv", "data/train-0.parquet", "data/train-1.parquet");
    }

    @Test
    void archivesBesideDataOrTextsAreWhatThoseWereMadeOf() throws IOException {
        Path texts = Files.createDirectory(folder.resolve("texts"));
        Files.writeString(texts.resolve("source.warc.gz"), "");
        assertThat(names(texts.toString())).containsExactly("texts/source.warc.gz");
        Files.writeString(texts.resolve("page.txt"), "A page.");
        assertThat(names(texts.toString())).containsExactly("texts/page.txt");
    }

    @Test
    void aNameMayHaveALineFeed() throws IOException {
        Path data = Files.createDirectory(folder.resolve("feeds"));
        Files.writeString(data.resolve("a\nb.jsonl"), "");
        assertThat(names(data.toString())).containsExactly("feeds/a\nb.jsonl");
    }

    @Test
    void aGlobIsTheFilesThatMatchIt() {
        assertThat(names(folder + "/data/train-*.parquet"))
                .containsExactly("data/train-0.parquet", "data/train-1.parquet");
        assertThat(names(folder + "/**.{csv,md}")).containsExactly("README.md", "data/test.csv");
    }

    @Test
    void severalPathsKeepTheirOrder() {
        assertThat(names(folder + "/b.jsonl", folder + "/data", folder + "/a*"))
                .containsExactly(
                        "b.jsonl", "data/test.csv", "data/train-0.parquet", "data/train-1.parquet", "a.jsonl.gz");
    }

    @Test
    void theDigestIsOfAllBytes() {
        DataFiles files = DataFiles.of(List.of(folder + "/b.jsonl", folder + "/data/test.csv"));

        assertThat(files.sha256())
                .isEqualTo(new Sha256().add("b.jsonldata/test.csv").hex());
        assertThat(files.bytes()).isEqualTo(20);
    }

    @Test
    void whatHoldsNoFileIsAnError() throws IOException {
        Files.createDirectory(folder.resolve("none"));

        assertThatThrownBy(() -> names(folder + "/none"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("is a folder without a data file");
        assertThatThrownBy(() -> names(folder + "/*.txt")).hasMessageContaining("matches no file");
        assertThatThrownBy(() -> names(folder + "/no/*.csv")).hasMessageContaining("matches no file");
        assertThatThrownBy(() -> names(folder + "/no.csv")).hasMessageContaining("does not exist");
    }
}
