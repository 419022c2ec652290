package io.github.rlhf4j.datasets.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.DistributedCluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.cluster.ThreadsBackend;
import io.github.rlhf4j.core.cluster.Traffic;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.KeptColumns;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.SplitSpec;
import io.github.rlhf4j.datasets.TextRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Web archives: files that warcio 1.8.1 has written (tools/golden/warc.py), damaged ones, and hostile ones. */
class WarcRowsTest {
    @TempDir
    private Path folder;

    private static byte[] fixture(String name) throws IOException {
        try (InputStream in = WarcRowsTest.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        }
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static RecordSet<DataRecord> open(Path file) {
        return Datasets.ofFiles()
                .open(DatasetSpec.of(file.toString()).keeping(KeptColumns.ALL), List.of(RecordKind.TEXT), 0);
    }

    private static List<String> texts(RecordSet<DataRecord> rows) {
        return rows.stream().map(row -> ((TextRecord) row).text()).toList();
    }

    @Test
    void pagesOfAWarcFileAreTheirTextsWithTheirAddressesAndDates() throws IOException {
        for (String name : List.of("pages.warc.gz", "pages.warc")) {
            byte[] bytes = fixture("pages.warc.gz");
            Path file = write(name, name.endsWith(".gz") ? bytes : unzipped(bytes));
            try (RecordSet<DataRecord> rows = open(file)) {
                assertThat(texts(rows))
                        .containsExactly(
                                "The river\nA river\nIt flows & flows.\none\ntwo\na b\nlast\nline",
                                "Café olé",
                                "Zipped über all.",
                                "Chunked.",
                                "Привет",
                                "A resource of its own.");
                assertThat(rows.get(0).tags().columns())
                        .containsEntry("url", "https://a.example/")
                        .containsEntry("date", "2026-01-02T03:04:05Z");
                assertThat(rows.get(0).tags().id()).isEqualTo("urn:uuid:00000000-0000-4000-8000-000000000003");
                assertThat(rows.describe(1)).containsEntry("line", 5L);
                assertThat(rows.dropReport().lines(name))
                        .containsExactly(name
                                + ": 1 row dropped: the page is more than 200 times as long as what was sent, or longer"
                                + " than 64 MiB (line 10)");
            }
        }
    }

    private static byte[] unzipped(byte[] bytes) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return in.readAllBytes();
        }
    }

    @Test
    void textsOfAWetFileAreAsTheyAre() throws IOException {
        Path file = write("CC-MAIN-2026-00001.warc.wet.gz", fixture("pages.warc.wet.gz"));
        try (RecordSet<DataRecord> rows = open(folder)) { // found by its name
            assertThat(texts(rows))
                    .containsExactly("The river\nA river\nIt flows & flows.", "日本語 😀 and more.", "Last.");
            assertThat(rows.get(2).tags().columns()).containsEntry("url", "https://d.example/");
            assertThat(rows.origin().path())
                    .isEqualTo(Objects.requireNonNull(file.getParent()).toString());
        }
    }

    @Test
    void aFileThatIsCutOffOrDamagedIsALineWithTheRecord() throws IOException {
        byte[] whole = unzipped(fixture("pages.warc.wet.gz"));
        int second = indexOf(whole, "https://b.example/");
        refused("cut.wet", Arrays.copyOf(whole, whole.length - 6), "cut.wet record 4: no whole WARC record (");
        refused("header.wet", Arrays.copyOf(whole, second + 10), "header.wet record 2: no whole WARC record (");
        byte[] damaged = whole.clone();
        damaged[second - 40] = '\n';
        refused("damaged.wet", damaged, "damaged.wet record 2: no whole WARC record (");
        byte[] zipped = fixture("pages.warc.wet.gz");
        refused("zip.wet.gz", Arrays.copyOf(zipped, zipped.length - 30), "zip.wet.gz record ");
        byte[] wrong = zipped.clone();
        int member = indexOf(wrong, "\u001f\u008b\u0008", 20);
        wrong[member + 1] = 0;
        refused("member.wet.gz", wrong, "a member of the gzip data begins wrongly");
        refused("nothing.warc", "WARC/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII), "nothing.warc");
    }

    private void refused(String name, byte[] bytes, String message) throws IOException {
        Path file = write(name, bytes);
        assertThatThrownBy(() -> {
                    try (RecordSet<DataRecord> rows = open(file)) {
                        throw new AssertionError(name + " is read: " + texts(rows));
                    }
                })
                .isInstanceOf(UserError.class)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    private static int indexOf(byte[] bytes, String text) {
        return indexOf(bytes, text, 0);
    }

    private static int indexOf(byte[] bytes, String text, int from) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text, from);
    }

    @Test
    void aRecordThatIsTooLongIsPassedOver() throws IOException {
        String long1 = "x".repeat(2_000);
        String file = record(long1) + record("short");
        List<Row> rows = new ArrayList<>();
        try (WarcRows source = new WarcRows(
                Path.of("a.warc"),
                new ByteArrayInputStream(file.getBytes(StandardCharsets.US_ASCII)),
                new RowLimit(1_000),
                Optional.empty())) {
            source.forEachRemaining(rows::add);
            assertThat(source.takeSkipped())
                    .singleElement()
                    .satisfies(skipped -> assertThat(skipped.line()).isEqualTo(1));
        }
        assertThat(rows).singleElement().satisfies(row -> assertThat(row.line()).isEqualTo(2));
    }

    @Test
    void aPageWhoseElementsWouldFillTheMemoryIsPassedOver() throws IOException {
        String file = record("<b>x".repeat(2_100_000)).replace("text/plain", "text/html") + record("short");
        List<Row> rows = new ArrayList<>();
        try (WarcRows source = new WarcRows(
                Path.of("a.warc"),
                new ByteArrayInputStream(file.getBytes(StandardCharsets.US_ASCII)),
                new RowLimit(64 << 20),
                Optional.empty())) {
            source.forEachRemaining(rows::add);
            assertThat(source.takeSkipped())
                    .singleElement()
                    .satisfies(
                            skipped -> assertThat(skipped.reason()).isEqualTo("the page is longer than 5 MiB of HTML"));
        }
        assertThat(rows).singleElement().satisfies(row -> assertThat(row.line()).isEqualTo(2));
    }

    @Test
    void aSegmentOfAPageIsNoPage() throws IOException {
        String segment = record("A part.").replace("Content-Type:", "WARC-Segment-Number: 1\r\nContent-Type:");
        try (RecordSet<DataRecord> rows =
                open(write("s.warc", (segment + record("Whole.")).getBytes(StandardCharsets.US_ASCII)))) {
            assertThat(texts(rows)).containsExactly("Whole.");
            assertThat(rows.dropReport().lines("s.warc"))
                    .singleElement()
                    .asString()
                    .contains("the record is a segment of a page");
        }
    }

    /** Records of pages, texts, packed pages that cannot be read, and requests; more than two chunks. */
    private static String archive() {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < 2_600; i++) {
            String page = "<title>Page " + i + "</title><p>It is\n so" + "<td>and".repeat(i % 4);
            String record = i % 5 == 0
                    ? record("Text " + i)
                    : i % 5 == 1
                            ? record(page.substring(0, i % 2 == 0 ? 0 : page.length()))
                            : record("HTTP/1.1 " + (i % 7 == 0 ? 404 : 200) + " OK\r\nContent-Type: text/html\r\n"
                                            + (i % 11 == 0 ? "Content-Encoding: br\r\n" : "") + "\r\n" + page)
                                    .replace("conversion", i % 13 == 0 ? "request" : "response");
            all.append(i % 5 == 1 ? record.replace("text/plain", "text/html") : record);
        }
        return all.toString();
    }

    private static List<String> described(Path file, Cluster cluster) {
        DatasetSpec spec = DatasetSpec.of(file.toString()).keeping(KeptColumns.ALL);
        try (RecordSet<DataRecord> rows =
                Datasets.ofFiles().open(spec, List.of(RecordKind.TEXT), 0, Progress.NONE, cluster)) {
            List<String> all = new ArrayList<>(rows.dropReport().lines("pages"));
            LongStream.range(0, rows.size())
                    .forEach(i -> all.add(rows.describe(i).toString()));
            return all;
        }
    }

    @Test
    void rowsThatWorkersMakeAreThoseOfThisProcess() throws IOException {
        String tooLong = record("<b>x".repeat(2_100_000)).replace("text/plain", "text/html");
        Path file = write("pages.warc", (archive() + tooLong).getBytes(StandardCharsets.US_ASCII));
        Path cut = write(
                "cut.warc", (archive() + record("and more").substring(0, 218)).getBytes(StandardCharsets.US_ASCII));
        List<Traffic> traffic = new ArrayList<>();
        try (CpuKernels kernels = new CpuKernels(1, 2);
                Cluster here = new InProcessCluster(kernels)) {
            List<String> rows = described(file, here);
            assertThat(rows).hasSizeBetween(1_700, 2_100).first().asString().contains("such as brotli (line ");
            assertThat(rows.get(1)).contains("the page is longer than 5 MiB of HTML (line 2601)");
            try (Cluster there = new DistributedCluster(kernels, new ThreadsBackend(2, 1, 2), 2, true, traffic::add)) {
                assertThat(described(file, there)).isEqualTo(rows);
                assertThatThrownBy(() -> described(cut, there))
                        .isInstanceOf(UserError.class)
                        .hasMessageContaining("cut.warc record 2601: no whole WARC record (");
                DatasetSpec first = new DatasetSpec(cut.toString(), "", SplitSpec.ALL, 10, Map.of());
                try (RecordSet<DataRecord> ten =
                        Datasets.ofFiles().open(first, List.of(RecordKind.TEXT), 0, Progress.NONE, there)) {
                    assertThat(ten.size()).isEqualTo(10); // what is wrong after them is not met
                }
            }
        }
        assertThat(traffic).singleElement().satisfies(cost -> {
            assertThat(cost.jobs()).isPositive();
            assertThat(cost.taskBytes()).isBetween(50_000L, 1L << 20); // what there is no text of stays here
        });
    }

    @Test
    void pagesThatCannotBeReadAreCountedWhereAFileHasNoOthers() throws IOException {
        String packed = record("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br\r\n\r\nx")
                .replace("conversion", "response");
        Path one = write("a.warc", packed.getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> open(one))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("a.warc has no usable row; ")
                .hasMessageContaining("1 row dropped: the page is packed with something that is not read");
        write("b.warc", record("Text.").getBytes(StandardCharsets.US_ASCII));
        write("c.warc", packed.getBytes(StandardCharsets.US_ASCII));
        try (RecordSet<DataRecord> rows = open(folder)) {
            assertThat(texts(rows)).containsExactly("Text.");
            assertThat(rows.dropReport().total()).isEqualTo(2);
        }
    }

    private static String record(String text) {
        return "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://a.example/\r\nWARC-Date:"
                + " 2026-01-02T03:04:05Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\nContent-Type:"
                + " text/plain\r\nContent-Length: " + text.length() + "\r\n\r\n" + text + "\r\n\r\n";
    }

    @Test
    void aMemberThatEndsWhereABufferEndsIsNotTheLast() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] first = ("{\"text\": \"" + "a".repeat(65_513 - 18) + "\"}\n").getBytes(StandardCharsets.US_ASCII);
        all.write(stored(first));
        assertThat(all.size()).isEqualTo(1 << 16);
        all.write(stored("{\"text\": \"b\"}\n".getBytes(StandardCharsets.US_ASCII)));
        try (RecordSet<DataRecord> rows = open(write("two.jsonl.gz", all.toByteArray()))) {
            assertThat(rows.size()).isEqualTo(2);
        }
    }

    @Test
    void membersWithoutBytesAreReadToALimit() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 500; i++) {
            all.write(stored(new byte[0]));
        }
        all.write(stored("{\"text\": \"b\"}\n".getBytes(StandardCharsets.US_ASCII)));
        try (RecordSet<DataRecord> rows = open(write("some.jsonl.gz", all.toByteArray()))) {
            assertThat(rows.size()).isEqualTo(1);
        }
        for (int i = 0; i < 100_000; i++) {
            all.write(stored(new byte[0]));
        }
        assertThatThrownBy(() -> open(write("many.jsonl.gz", all.toByteArray())))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("members without bytes");
    }

    /** A member without compression, so that its length is known. */
    private static byte[] stored(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream member = new GZIPOutputStream(out) {
            {
                def.setLevel(0);
            }
        }) {
            member.write(bytes);
        }
        return out.toByteArray();
    }
}
