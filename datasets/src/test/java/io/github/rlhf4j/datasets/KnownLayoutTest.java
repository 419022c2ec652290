package io.github.rlhf4j.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as well-known datasets have them (src/test/resources/layouts, written for these tests) open without any mapping. */
class KnownLayoutTest {
    @TempDir
    Path folder;

    private static List<DataRecord> read(String path) {
        List<DataRecord> rows = new ArrayList<>();
        try (FileRecordReader reader = new FileRecordReader(DatasetSpec.of(path))) {
            reader.rows().forEachRemaining(rows::add);
        }
        return rows;
    }

    private static DataRecord pair(String prompt, String chosen, String rejected, String id) {
        return new PreferencePair(Content.of(prompt), Content.of(chosen), Content.of(rejected), new RowTags(id, ""));
    }

    @Test
    void hhRlhf() {
        String dialogue = "\n\nHuman: What is a tide?\n\nAssistant: The rise and fall of the sea."
                + "\n\nHuman: What causes it?\n\nAssistant:";

        assertThat(read("src/test/resources/layouts/hh-rlhf.jsonl"))
                .containsExactly(
                        pair(dialogue, " Mostly the moon's gravity.", " Most people say the wind.", ""),
                        pair("\n\nHuman: Name a prime.\n\nAssistant:", " Seven.", " Nine.", ""));
    }

    @Test
    void ultraFeedbackBinarized() {
        assertThat(read("src/test/resources/layouts/ultrafeedback-binarized.jsonl"))
                .containsExactly(new PreferencePair(
                        Content.of(List.of(new ChatMessage("user", "How long is a marathon?"))),
                        Content.of(List.of(new ChatMessage("assistant", "42.195 kilometres."))),
                        Content.of(List.of(new ChatMessage("assistant", "About fifty miles."))),
                        RowTags.NONE));
    }

    @Test
    void shp() {
        assertThat(read("src/test/resources/layouts/shp.jsonl"))
                .containsExactly(
                        pair(
                                "\n\nHuman: How do I keep rice from sticking?\n\nAssistant:",
                                " Rinse it first.",
                                " Stir it.",
                                "ab12"),
                        pair("\n\nHuman: Salt before or after?\n\nAssistant:", " Before.", " Never.", "cd34"));
    }

    @Test
    void summarizeFromFeedback() {
        DatasetSpec spec = DatasetSpec.of("src/test/resources/layouts/summarize-from-feedback.jsonl");
        String post = "SUBREDDIT: r/pets\n\nTITLE: Cat opens the fridge\n\n"
                + "POST: My cat has learnt to open the fridge and eats my cheese.\n\nTL;DR:";

        try (RecordSet<PreferencePair> rows = DatasetsFixture.datasets().open(spec, PreferencePair.class, 1)) {
            assertThat(rows.stream())
                    .containsExactly(
                            (PreferencePair)
                                    pair(post, " My cat opens the fridge and eats my cheese.", " A cat eats.", "t3_x1"),
                            (PreferencePair) pair(
                                    "Article:\nThe bridge opened on Monday.\n\nTL;DR:",
                                    " The bridge is open.",
                                    " A bridge.",
                                    "n7"));
            assertThat(rows.dropReport().lines("s"))
                    .containsExactly("s: 1 row dropped: info has neither post nor article (line 3)");
        }
    }

    @Test
    void aChoiceThatIsNoneIsAnErrorWithItsLine() {
        String row = "{\"history\": \"h\", \"human_ref_A\": \"a\", \"human_ref_B\": \"b\", \"labels\": 2}";
        assertThatThrownBy(
                        () -> read(DatasetsFixture.file(folder, "s.jsonl", row).path()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("s.jsonl line 1: \"labels\" must be 0 or 1, but is 2");
    }
}
