package io.github.rlhf4j.datasets.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DatasetsFixture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvRowsTest {
    @TempDir
    Path folder;

    private List<String> read(String name, byte[] content) {
        String path = DatasetsFixture.file(folder, name, content).path();
        List<String> rows = new ArrayList<>();
        try (RowSource source = DataFiles.of(List.of(path)).list().get(0).rows(ReadOptions.ALL)) {
            source.forEachRemaining(row -> rows.add(row.line() + " " + row.columns()));
        }
        return rows;
    }

    private List<String> read(String content) {
        return read("data.csv", content.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void quotedFieldsHoldLineEndsSeparatorsAndQuotes() {
        assertThat(read("prompt,completion\r\n\"a\nb, c\",\"say \"\"x\"\"\"\r\n\r\nd,\n\"\",e\"f"))
                .containsExactly(
                        "2 {\"prompt\":\"a\\nb, c\",\"completion\":\"say \\\"x\\\"\"}",
                        "5 {\"prompt\":\"d\",\"completion\":\"\"}",
                        "6 {\"prompt\":\"\",\"completion\":\"e\\\"f\"}");
    }

    @Test
    void messagesStandAsJson() {
        assertThat(read("messages,id\n\"[{\"\"role\"\": \"\"user\"\"}]\",[1]\n[{not json}],\n"))
                .containsExactly(
                        "2 {\"messages\":[{\"role\":\"user\"}],\"id\":\"[1]\"}",
                        "3 {\"messages\":\"[{not json}]\",\"id\":\"\"}");
    }

    @Test
    void tabsSeparateTsvAndCompressionDoesNotHideTheName() {
        byte[] tsv = "\uFEFFa\tb\n1,2\t3".getBytes(StandardCharsets.UTF_8);

        assertThat(read("x.tsv", tsv)).containsExactly("2 {\"a\":\"1,2\",\"b\":\"3\"}");
        assertThat(read("x.TSV.zst", Zstd.compress(tsv))).containsExactly("2 {\"a\":\"1,2\",\"b\":\"3\"}");
    }

    @Test
    void aFileWithoutRowsHasNone() {
        assertThat(read("")).isEmpty();
        assertThat(read("a,b\n")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a,b;1;| line 2: has 1 fields, but the first line names 2 columns",
                "a,b;1,2,3| line 2: has 3 fields, but the first line names 2 columns",
                "a,b;1,\"2;3| line 2: a quote that opens here is never closed",
                "a,b;1,\"2\"3| line 2: after a closing quote",
                "a,a;1,2| line 1: the column \"a\" is there twice"
            })
    void whatIsMalformedIsNamedByItsLine(String content, String message) {
        assertThatThrownBy(() -> read(content.replace(';', '\n')))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("data.csv " + message);
    }

    @Test
    void textThatIsNotUtf8IsNamedByItsLine() {
        byte[] latin1 = "a\n\u00FC".getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> read("l.csv", latin1)).hasMessageContaining("l.csv line ");
    }
}
