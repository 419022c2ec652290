package io.github.rlhf4j.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are damaged at random are read or refused with a UserError; nothing else ever comes out. */
@Timeout(120)
class HostileDataTest {
    private static final int SEEDS = Integer.getInteger("rlhf4j.test.seeds", 120);

    @TempDir
    Path folder;

    private static final String JSONL = """
            {"prompt": "Why is the sky blue?", "chosen": " Ünïcode \\u00e9 \\ud83d\\ude00.", "rejected": " No.", "id": 7}
            {"prompt": "How?", "chosen": " So.", "rejected": " Never.", "score": 1.5e3, "meta": {"a": [1, null, true]}}

            {"prompt": [{"role": "user", "content": "Hi"}], "chosen": [{"role": "assistant", "content": "Hello"}], "rejected": [{"role": "assistant", "content": "Go."}]}
            """;
    private static final String LABELS = """
            {"prompt": "a", "completion": "b", "label": true}
            {"prompt": "c", "completion": "d", "label": 0}
            """;
    private static final String RANKS = """
            {"prompt": "a", "A": "one", "B": "two", "C": "three", "ranks": "A > B = C"}
            {"prompt": "b", "A": "one", "B": "two", "C": "three", "ranks": {"A": 2, "B": 1, "C": 3}}
            """;
    private static final String SHAREGPT = """
            {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Ho"}], "system": "s"}
            {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Ho"}]}
            """;
    private static final String ALPACA = """
            {"instruction": "a", "input": "b", "output": "c", "history": [["q", "r"]], "system": ""}
            {"instruction": "a", "input": "", "output": "c", "history": [], "system": "s"}
            """;
    private static final String CSV = """
            prompt,completion,id
            Why,"So, ""there""
            and here",1
            "[{""role"": ""user"", ""content"": ""x""}]","[{""role"": ""assistant"", ""content"": ""y""}]",2
            """;
    private static final List<String> PIECES = List.of(
            "\"",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "null",
            "true",
            "-1",
            "1e999",
            "\\u12",
            "\\ud800",
            "\n",
            "\r",
            "\0",
            "\t",
            "ü",
            "[[[[",
            "{\"a\":",
            "9".repeat(2000),
            "\u001b[2J",
            "\ufeff");

    private List<String> texts(String name, String content, Charset charset) throws IOException {
        Path file = Files.write(folder.resolve(name), content.getBytes(charset));
        try (RecordSet<DataRecord> rows =
                DatasetsFixture.datasets().open(DatasetSpec.of(file.toString()), List.of(RecordKind.TEXT), 1)) {
            return rows.stream().map(row -> ((TextRecord) row).text()).toList();
        }
    }

    @Test
    void halvesOfCharactersAreReplaced() throws IOException {
        String row = "{\"text\": \"a \\ud800 b \\ude00 \\ud83d\\ude00\"}";
        for (String content : List.of(row, "[" + row + "]")) {
            assertThat(texts("halves", content, StandardCharsets.UTF_8))
                    .containsExactly("a \uFFFD b \uFFFD \uD83D\uDE00");
        }
    }

    @Test
    void arraysAreUtf8() {
        for (String text : List.of("x\u00C0\u0080y", "\u00E0\u0080\u00AF", "\u00F0\u0080\u0080\u00AF", "\u00FF")) {
            assertThatThrownBy(() -> texts("a.json", "[\n{\"text\": \"" + text + "\"}]", StandardCharsets.ISO_8859_1))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("a.json line 2: ")
                    .hasMessageContaining("not valid UTF-8");
        }
        assertThatThrownBy(() -> texts("wide.json", "[{\"text\": \"x\"}]", StandardCharsets.UTF_16LE))
                .isInstanceOf(UserError.class);
    }

    @Test
    void whatIsPackedOtherwiseIsNamed() {
        assertThatThrownBy(() -> texts("a.jsonl", "BZh91AY&SY", StandardCharsets.ISO_8859_1))
                .hasMessageContaining("a.jsonl is packed by bzip2");
        assertThatThrownBy(() -> texts("b.jsonl", "\u00FD7zXZ\0", StandardCharsets.ISO_8859_1))
                .hasMessageContaining("b.jsonl is packed by xz");
        assertThatThrownBy(() -> texts("c.parquet", "PARE....PARE", StandardCharsets.ISO_8859_1))
                .hasMessageContaining("c.parquet is an encrypted Parquet file");
    }

    private boolean isRead(String name, byte[] content) {
        try {
            Path file = Files.write(folder.resolve(name), content);
            try (RecordSet<DataRecord> rows =
                    DatasetsFixture.datasets().open(DatasetSpec.of(file.toString()), List.of(RecordKind.values()), 1)) {
                rows.forEach(row -> assertThat(row).isNotNull());
            }
            return true;
        } catch (UserError e) {
            assertThat(e.getMessage())
                    .startsWith(
                            String.valueOf(e.getMessage()).startsWith("dataset ") ? "dataset " : folder + "/" + name);
            assertThat(String.valueOf(e.getMessage()).lines().count()).isEqualTo(1);
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(name + ": " + new String(content, StandardCharsets.ISO_8859_1), e);
        }
    }

    private static byte[] damagedText(String text, Random random) {
        StringBuilder damaged = new StringBuilder(text);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(damaged.length() - 6);
            String piece = random.nextInt(4) == 0 ? "" : PIECES.get(random.nextInt(PIECES.size()));
            damaged.replace(at, at + random.nextInt(6), piece);
        }
        byte[] bytes = damaged.toString().getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(5) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pairs.jsonl",
                "labels.jsonl",
                "ranks.jsonl",
                "sharegpt.jsonl",
                "alpaca.jsonl",
                "array.json",
                "rows.csv",
                "text.txt"
            })
    void damagedTextIsReadOrRefused(String name) {
        String whole = List.of(
                        JSONL,
                        LABELS,
                        RANKS,
                        SHAREGPT,
                        ALPACA,
                        "[" + LABELS.replace("}\n{", "},\n{") + "]",
                        CSV,
                        "One.\nTwo ü and more.\n")
                .get(List.of(
                                "pairs.jsonl",
                                "labels.jsonl",
                                "ranks.jsonl",
                                "sharegpt.jsonl",
                                "alpaca.jsonl",
                                "array.json",
                                "rows.csv",
                                "text.txt")
                        .indexOf(name));
        assertThat(isRead(name, whole.getBytes(StandardCharsets.UTF_8))).isTrue();
        for (int seed = 0; seed < SEEDS; seed++) {
            isRead(name, damagedText(whole, new Random(seed)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"types", "snappy", "gzip", "zstd", "lz4", "none"})
    void damagedParquetIsReadOrRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(Path.of("src/test/resources/parquet/" + name + ".parquet"));
        assertThat(isRead("a.parquet", whole)).isTrue();
        int refused = 0;
        for (int seed = 0; seed < SEEDS / 2; seed++) {
            Random random = new Random(seed);
            byte[] damaged =
                    random.nextInt(8) == 0 ? Arrays.copyOf(whole, 4 + random.nextInt(whole.length - 4)) : whole.clone();
            for (int i = 1 << random.nextInt(4); i > 0; i--) {
                damaged[4 + random.nextInt(damaged.length - 4)] = (byte) random.nextInt(256);
            }
            refused += isRead("a.parquet", damaged) ? 0 : 1;
        }
        assertThat(refused).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.jsonl.gz", "a.jsonl.zst"})
    void damagedCompressionIsReadOrRefused(String name) {
        byte[] text = JSONL.repeat(20).getBytes(StandardCharsets.UTF_8);
        byte[] whole = name.endsWith(".gz")
                ? DatasetsFixture.gzip(new String(text, StandardCharsets.UTF_8))
                : Zstd.compress(text);
        for (int seed = 0; seed < SEEDS / 2; seed++) {
            Random random = new Random(seed);
            byte[] damaged =
                    random.nextInt(4) == 0 ? Arrays.copyOf(whole, 4 + random.nextInt(whole.length - 4)) : whole.clone();
            damaged[4 + random.nextInt(damaged.length - 4)] = (byte) random.nextInt(256);
            isRead(name, damaged);
        }
    }

    @Test
    void extremesAreRefusedWithTheirLine() {
        for (String value :
                List.of("[".repeat(100_000), "{\"a\":".repeat(100_000), "9".repeat(5_000), "1e" + "9".repeat(4_000))) {
            Path file = DatasetsFixture.file(
                            folder, "deep.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\", \"x\": " + value + "}")
                    .paths()
                    .stream()
                    .map(Path::of)
                    .findFirst()
                    .orElseThrow();
            assertThatThrownBy(
                            () -> DatasetsFixture.datasets().open(DatasetSpec.of(file.toString()), TextRecord.class, 1))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("deep.jsonl line 2: not valid JSON");
        }
    }

    @ParameterizedTest
    @CsvSource({"a\0b.jsonl", "a\0/*.jsonl"})
    void aPathWithNulIsRefused(String path) {
        assertThatThrownBy(() -> new FileRecordReader(DatasetSpec.of(path))).isInstanceOf(UserError.class);
    }

    @Test
    void aStringOfTwentyMillionCharactersIsReadBack() throws IOException {
        Path file = folder.resolve("long.jsonl");
        Files.writeString(file, "{\"text\": \"" + "x".repeat(20_000_100) + "\"}\n");

        try (RecordSet<TextRecord> rows =
                DatasetsFixture.datasets().open(DatasetSpec.of(file.toString()), TextRecord.class, 1)) {
            assertThat(rows.get(0).text()).hasSize(20_000_100);
        }
    }
}
