package io.github.rlhf4j.datasets.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns of every type, as pyarrow 26.0.1 writes them (src/test/resources/parquet, made by tools/golden/parquet_types.py). */
class ParquetTypesTest {
    private static List<ObjectNode> read(String name, Predicate<String> wanted) {
        List<ObjectNode> rows = new ArrayList<>();
        DataFile file = DataFiles.of(List.of("src/test/resources/parquet/" + name + ".parquet"))
                .list()
                .get(0);
        try (RowSource source = file.rows(new ReadOptions("", wanted))) {
            source.forEachRemaining(row -> rows.add(row.columns()));
        }
        return rows;
    }

    private static List<ObjectNode> read(String name) {
        return read(name, column -> true);
    }

    @Test
    void everyTypeIsANumberATextOrAStructure() throws IOException {
        JsonNode expected = new ObjectMapper().readTree("""
                        {"prompt": "Why", "completion": " So.", "date": "2024-01-02", "time_ms": "01:02:03",
                         "time_us": "01:02:03.000004", "time_ns": "00:00:00.000000001",
                         "at_ms": "2024-01-02T03:04:05.678", "at_us": "2024-01-02T03:04:05.678901",
                         "at_ns": "2024-01-02T03:04:05.678901", "at_utc": "2024-01-02T03:04:05.678901Z",
                         "half": 1.5, "fixed": "abcd", "binary": "bytes", "large": "l", "decimal": 1.25,
                         "small_decimal": 1.5, "uuid": "00000000-0000-0000-0000-000000000007",
                         "uint64": 18446744073709551615, "uint32": 4294967295, "int8": -7, "double": 0.1,
                         "bool": true, "category": "x", "list": ["a", null], "lists": [[1], [2, 3]],
                         "nothing": null, "struct": {"a": 1, "b": [{"c": "d"}]}, "map": {"k": 1}}
                        """);

        ObjectNode row = read("types").get(0);

        Set<String> names = row.propertyStream().map(Map.Entry::getKey).collect(Collectors.toSet());
        assertThat(names)
                .containsExactlyInAnyOrderElementsOf(
                        expected.propertyStream().map(Map.Entry::getKey).toList());
        expected.properties()
                .forEach(entry -> assertThat(row.get(entry.getKey()).asText() + row.get(entry.getKey()))
                        .as(entry.getKey())
                        .isEqualTo(entry.getValue().asText() + entry.getValue()));
    }

    @Test
    void valuesThatAreNullAreNullInTheRow() {
        ObjectNode second = read("types").get(1);
        ObjectNode third = read("types").get(2);

        assertThat(second.get("date").asText()).isEqualTo("1969-12-31");
        assertThat(second.get("list")).isEmpty();
        assertThat(second.get("half").floatValue()).isEqualTo(-0.25f);
        assertThat(third.get("half").floatValue()).isEqualTo(0x1.0p-24f); // the nearest half of 6e-8
        assertThat(third.get("list").isNull()).isTrue();
        assertThat(third.get("at_us").isNull()).isTrue();
    }

    @Test
    void theOldTimestampsOf96BitsAreRead() {
        assertThat(read("int96").get(0).get("at_us").asText()).isEqualTo("2024-01-02T03:04:05.678901");
    }

    @Test
    void columnsThatNobodyWantsAreNotReadAndKnownByName() {
        DataFile file = DataFiles.of(List.of("src/test/resources/parquet/not-utf-8.parquet"))
                .list()
                .get(0);
        try (RowSource source = file.rows(new ReadOptions("", "completion"::equals))) {
            assertThat(source.next().columns().toString()).isEqualTo("{\"completion\":\" a\"}");
            assertThat(source.next().columns().toString()).isEqualTo("{\"completion\":\" b\"}");
            assertThat(source.unread()).containsExactly("prompt");
        }
    }

    @Test
    void bytesThatAreNoTextStayBytes() {
        assertThat(read("not-utf-8").get(1).get("prompt").isBinary()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "snappy", "gzip", "zstd", "lz4"})
    void theUsualCodecsAreRead(String codec) {
        assertThat(read(codec))
                .extracting(row -> row.get("prompt").asText())
                .containsExactly("Why", "Wer bist Du?", "Ünïcode ☃");
    }

    @Test
    void anotherCodecIsNamed() {
        assertThatThrownBy(() -> read("brotli"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("brotli.parquet row 1: the file is compressed with BROTLI")
                .hasMessageContaining("write it with snappy");
    }

    /** Found by tools/bad-inputs: the header of the second column's page says that more than a thousand million bytes follow. */
    @Test
    void aPageThatSaysItIsLargerThanTheMemoryIsRefused(@TempDir Path folder) throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of("src/test/resources/parquet/lz4.parquet"));
        byte[] number = {-8, -1, -1, -1, -1, -1, -1, -1};
        System.arraycopy(number, 0, bytes, 127, number.length);
        byte[] footer = {2, 0, 0, 0};
        System.arraycopy(footer, 0, bytes, 718, footer.length);
        Path file = Files.write(folder.resolve("lies.parquet"), bytes);

        assertThatThrownBy(() ->
                        DataFiles.of(List.of(file.toString())).list().get(0).rows(new ReadOptions("", column -> true)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("lies.parquet row 1: the file asks for more memory than there is");
    }
}
