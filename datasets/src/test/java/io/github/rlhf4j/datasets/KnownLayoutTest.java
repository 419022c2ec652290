package io.github.rlhf4j.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    private List<DataRecord> readRows(String rows) {
        return read(
                DatasetsFixture.file(folder, "a.jsonl", rows.replace('\'', '"')).path());
    }

    private static Content chat(String... turns) {
        List<ChatMessage> messages = new ArrayList<>();
        for (int i = 0; i < turns.length; i += 2) {
            messages.add(new ChatMessage(turns[i], turns[i + 1]));
        }
        return Content.of(messages);
    }

    @Test
    void alpaca() {
        assertThat(readRows("""
                        {'instruction': 'Name a prime.', 'input': '', 'output': 'Seven.', 'text': 'Below is ...'}
                        {'instruction': 'Translate.', 'input': 'Haus', 'output': 'House.', 'id': 3}
                        {'instruction': 'And two?', 'input': null, 'output': 'Blue.', 'system': 'Be kind.', 'history': [['A colour?', 'Red.']]}
                        """))
                .containsExactly(
                        new PromptCompletion("Name a prime.", "Seven."),
                        new PromptCompletion(
                                Content.of("Translate.\nHaus"), Content.of("House."), new RowTags("3", "")),
                        new PromptCompletion(
                                chat(
                                        "system",
                                        "Be kind.",
                                        "user",
                                        "A colour?",
                                        "assistant",
                                        "Red.",
                                        "user",
                                        "And two?"),
                                chat("assistant", "Blue."),
                                RowTags.NONE));
    }

    @Test
    void anInputThatOnlyALaterRowHasIsNotLost() {
        String row = "{'instruction': 'a', 'output': 'b'}\n";

        assertThat(readRows(row.repeat(12) + "{'instruction': 'a', 'input': 'i', 'output': 'b'}"))
                .endsWith(new PromptCompletion("a", "b"), new PromptCompletion("a\ni", "b"));
    }

    @Test
    void dolly() {
        assertThat(readRows("{'instruction': 'Who?', 'context': 'Ada.', 'response': 'Ada', 'category': 'closed_qa'}"))
                .containsExactly(new PromptCompletion("Who?\nAda.", "Ada"));
    }

    @Test
    void alpacaPairs() {
        assertThat(readRows("{'instruction': 'Sum.', 'input': '1 1', 'chosen': '2', 'rejected': '3'}"))
                .containsExactly(new PreferencePair("Sum.\n1 1", "2", "3"));
        assertThat(readRows("{'system': 'S', 'question': 'Q', 'chosen': 'a', 'rejected': 'b'}"))
                .containsExactly(new PreferencePair(
                        chat("system", "S", "user", "Q"),
                        chat("assistant", "a"),
                        chat("assistant", "b"),
                        RowTags.NONE));
    }

    @Test
    void alpacasOwnPromptTextAndOtherNames() {
        String path = DatasetsFixture.file(folder, "p.jsonl", "{\"q\": \"Add.\", \"x\": \"1 1\", \"a\": \"2\"}")
                .path();
        DatasetSpec spec = new DatasetSpec(
                path,
                "alpaca_prompt",
                SplitSpec.ALL,
                DatasetSpec.NO_LIMIT,
                Map.of("instruction", "q", "input", "x", "output", "a"));

        try (FileRecordReader reader = new FileRecordReader(spec)) {
            assertThat(reader.rows().next())
                    .isEqualTo(new PromptCompletion(
                            "Below is an instruction that describes a task, paired with an input that provides further"
                                    + " context. Write a response that appropriately completes the request.\n\n"
                                    + "### Instruction:\nAdd.\n\n### Input:\n1 1\n\n### Response:",
                            "2"));
        }
    }

    @Test
    void shareGpt() {
        assertThat(readRows("""
                        {'id': 'x', 'system': 'S', 'conversations': [{'from': 'human', 'value': 'Hi'}, {'from': 'gpt', 'value': 'Hello'}]}
                        {'conversations': [{'role': 'user', 'content': 'Hi'}, {'role': 'assistant', 'content': 'Ho'}]}
                        """))
                .containsExactly(
                        new Conversation(
                                List.of(
                                        new ChatMessage("system", "S"),
                                        new ChatMessage("user", "Hi"),
                                        new ChatMessage("assistant", "Hello")),
                                new RowTags("x", "")),
                        new Conversation(List.of(new ChatMessage("user", "Hi"), new ChatMessage("assistant", "Ho"))));
        assertThat(readRows("{'messages': [{'from': 'human', 'value': 'Hi'}, {'from': 'gpt', 'value': 'Ho'}]}"))
                .containsExactly(
                        new Conversation(List.of(new ChatMessage("user", "Hi"), new ChatMessage("assistant", "Ho"))));
    }

    @Test
    void shareGptPairs() {
        assertThat(readRows("""
                        {'conversations': [{'from': 'human', 'value': 'Hi'}], 'chosen': {'from': 'gpt', 'value': 'Hello'}, 'rejected': {'from': 'gpt', 'value': 'No'}}
                        """))
                .containsExactly(new PreferencePair(
                        chat("user", "Hi"), chat("assistant", "Hello"), chat("assistant", "No"), RowTags.NONE));
    }

    @Test
    void aSpeakerWhomNobodyKnowsIsAnError() {
        assertThatThrownBy(() -> readRows("{'conversations': [{'from': 'robot', 'value': 'Hi'}]}"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("a.jsonl line 1: \"from\" must be one of [assistant, bard")
                .hasMessageContaining("but is \"robot\"");
    }

    @Test
    void aFormatWhoseColumnsAreNotThereIsAnError() {
        DatasetSpec spec = DatasetsFixture.file(folder, "t.jsonl", "{\"text\": \"a\"}");

        assertThatThrownBy(() -> new FileRecordReader(
                        new DatasetSpec(spec.path(), "alpaca", SplitSpec.ALL, DatasetSpec.NO_LIMIT, Map.of())))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(
                        "its columns [text] are not those of format alpaca, which has instruction, output");
        assertThatThrownBy(() -> new FileRecordReader(
                        new DatasetSpec(spec.path(), "alpca", SplitSpec.ALL, DatasetSpec.NO_LIMIT, Map.of())))
                .hasMessageContaining("prompt, alpaca, alpaca_prompt, sharegpt]");
    }
}
