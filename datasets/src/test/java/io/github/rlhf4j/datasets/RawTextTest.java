package io.github.rlhf4j.datasets;

import static io.github.rlhf4j.datasets.DatasetsFixture.file;
import static io.github.rlhf4j.datasets.DatasetsFixture.gzip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of text as everybody has them: a document a file, or several with a text between. */
class RawTextTest {
    @TempDir
    Path folder;

    private static List<String> read(DatasetSpec spec) {
        List<String> texts = new ArrayList<>();
        try (FileRecordReader reader = new FileRecordReader(spec)) {
            reader.rows().forEachRemaining(row -> texts.add(((TextRecord) row).text()));
        }
        return texts;
    }

    @Test
    void aFileIsOneDocument() {
        String text = "First Citizen:\nBefore we proceed, hear me.\n\nAll:\n[Speak] \"speak\"\n";

        assertThat(read(file(folder, "a.txt", text))).containsExactly(text);
        assertThat(read(file(folder, "a.txt.gz", gzip(text)))).containsExactly(text);
        assertThat(read(file(folder, "a.md", text))).containsExactly(text);
    }

    @Test
    void aTextThatBeginsWithABracketIsNoJson() {
        assertThat(read(file(folder, "a.txt", "[Illustration]\n{x} y"))).containsExactly("[Illustration]\n{x} y");
    }

    @Test
    void jsonLinesMayBeCalledTxt() {
        assertThat(read(file(folder, "a.txt", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n")))
                .containsExactly("a", "b");
    }

    @Test
    void aSeparatorCutsAFileIntoDocuments() {
        DatasetSpec spec = file(folder, "a.txt", "one\ntwo<|endoftext|>\nthree<|endoftext|>  \n<|endoftext|>four");

        assertThat(read(spec.withSeparator("<|endoftext|>"))).containsExactly("one\ntwo", "\nthree", "four");
        assertThat(read(file(folder, "b.log", "one\r\n\r\ntwo\r\n").withSeparator("\n\n")))
                .containsExactly("one", "two\n");
        assertThat(read(file(folder, "c.txt", "aabaab.").withSeparator("aab"))).containsExactly(".");
    }

    @Test
    void aFolderOfTextsIsADocumentAFile() throws IOException {
        Files.writeString(folder.resolve("b.txt"), "b");
        Files.writeString(folder.resolve("a.txt"), "a");
        Files.writeString(folder.resolve("README.md"), "no");

        assertThat(read(DatasetSpec.of(folder.toString()))).containsExactly("a", "b");

        Files.writeString(folder.resolve("data.jsonl"), "{\"text\": \"d\"}");
        assertThat(read(DatasetSpec.of(folder.toString()))).containsExactly("d");
    }

    @Test
    void whatIsNotUtf8IsNamedWithItsLine() {
        byte[] text = ("ü".repeat(9000) + "\n\nab?c").getBytes(StandardCharsets.UTF_8);
        text[text.length - 2] = (byte) 0xFF;

        assertThatThrownBy(() -> read(file(folder, "a.txt", text)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("a.txt line 3: not valid UTF-8");
        assertThatThrownBy(() -> read(file(folder, "a.csv", text)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("a.csv line 3: not valid UTF-8");
    }

    @Test
    void textOfAnotherNameIsAnErrorThatSaysWhatToDo() {
        assertThatThrownBy(() -> read(file(folder, "shakespeare", "First Citizen:")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("raw text must be named .txt, or be read with separator:");
    }

    @Test
    void aSeparatorIsAKeyOfTheRunFile() throws IOException {
        DatasetSpec spec =
                DatasetSpec.fromConfig(new ObjectMapper().readTree("{\"path\": \"a.txt\", \"separator\": \"\\n\\n\"}"));

        assertThat(spec.separator()).isEqualTo("\n\n");
        assertThat(spec.withLimit(3).withSplit(SplitSpec.of("train")).separator())
                .isEqualTo("\n\n");
    }

    @Test
    void aDeviceIsRefused() {
        assertThatThrownBy(() -> read(DatasetSpec.of("/dev/zero")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("/dev/zero is not a regular file");
    }
}
