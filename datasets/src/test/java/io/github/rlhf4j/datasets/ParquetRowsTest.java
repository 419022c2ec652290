package io.github.rlhf4j.datasets;

import static io.github.rlhf4j.datasets.DatasetsFixture.file;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.jerolba.carpet.CarpetWriter;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ParquetRowsTest {
    @TempDir
    Path folder;

    /** A row as a Parquet file has it. */
    public record Demonstration(String question, String answer, int id) {}

    /** A conversational pair as UltraFeedback has it. */
    public record ChatPair(String prompt, List<ChatMessage> chosen, List<ChatMessage> rejected) {}

    private <T> DatasetSpec write(Class<T> type, List<T> rows) throws IOException {
        return write(type, rows, CompressionCodecName.SNAPPY);
    }

    private <T> DatasetSpec write(Class<T> type, List<T> rows, CompressionCodecName codec) throws IOException {
        Path path = folder.resolve("data.parquet");
        try (OutputStream output = Files.newOutputStream(path);
                CarpetWriter<T> writer = new CarpetWriter.Builder<>(output, type)
                        .withCompressionCodec(codec)
                        .build()) {
            writer.write(rows);
        }
        return DatasetSpec.of(path.toString());
    }

    private static List<DataRecord> read(DatasetSpec spec) {
        List<DataRecord> rows = new ArrayList<>();
        try (FileRecordReader reader = new FileRecordReader(spec)) {
            reader.rows().forEachRemaining(rows::add);
        }
        return rows;
    }

    @Test
    void flatColumnsAreRead() throws IOException {
        DatasetSpec spec = write(
                Demonstration.class,
                List.of(new Demonstration("Wie?", " Sö.", 1), new Demonstration("Why?", " So.", 2)));

        assertThat(read(spec))
                .containsExactly(
                        new PromptCompletion(Content.of("Wie?"), Content.of(" Sö."), new RowTags("1", "")),
                        new PromptCompletion(Content.of("Why?"), Content.of(" So."), new RowTags("2", "")));
    }

    @ParameterizedTest
    @EnumSource(names = {"SNAPPY", "ZSTD", "UNCOMPRESSED"})
    void theUsualCodecsAreRead(CompressionCodecName codec) throws IOException {
        assertThat(read(write(Demonstration.class, List.of(new Demonstration("a", "b", 1)), codec)))
                .hasSize(1);
    }

    @Test
    void listsOfMessagesAreRead() throws IOException {
        ChatMessage question = new ChatMessage("user", "Sky?");
        ChatMessage blue = new ChatMessage("assistant", "blue");
        ChatMessage black = new ChatMessage("assistant", "black");

        DatasetSpec spec =
                write(ChatPair.class, List.of(new ChatPair("Sky?", List.of(question, blue), List.of(question, black))));

        assertThat(read(spec))
                .containsExactly(new PreferencePair(
                        Content.of(List.of(question)),
                        Content.of(List.of(blue)),
                        Content.of(List.of(black)),
                        RowTags.NONE));
    }

    @Test
    void bytesThatAreNoTextAreAnErrorWithTheirRow() {
        assertThatThrownBy(() -> read(DatasetSpec.of("src/test/resources/parquet/not-utf-8.parquet")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("not-utf-8.parquet line 2: the column \"prompt\" is not UTF-8 text");
    }

    @Test
    void aFileThatIsCutIsAnError() throws IOException {
        byte[] whole = Files.readAllBytes(Path.of(write(Demonstration.class, List.of(new Demonstration("a", "b", 1)))
                .path()));
        DatasetSpec cut = file(folder, "cut.parquet", Arrays.copyOf(whole, whole.length / 2));

        assertThatThrownBy(() -> read(cut)).isInstanceOf(UserError.class).hasMessageContaining("cut.parquet row 1");
    }
}
