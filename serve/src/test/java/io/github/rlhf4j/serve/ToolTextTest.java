package io.github.rlhf4j.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ToolTextTest {
    private static final ToolCall ADD = new ToolCall("add", "{\"a\":1}");
    private static final ToolCall SAY = new ToolCall("say", "{}");

    /** The same in pieces of every size; what is shown. */
    private static String read(ToolFormat format, String text, ToolCall... calls) {
        String shown = "";
        for (int size = 1; size <= text.length(); size++) {
            ToolText tools = new ToolText(format);
            StringBuilder all = new StringBuilder();
            for (int at = 0; at < text.length(); at += size) {
                all.append(tools.push(text.substring(at, Math.min(text.length(), at + size))));
            }
            all.append(tools.finish());
            assertThat(tools.takeFresh()).containsExactly(calls);
            assertThat(tools.calls()).isEqualTo(calls.length);
            assertThat(size == 1 ? all.toString() : shown).isEqualTo(all.toString());
            shown = all.toString();
        }
        return shown;
    }

    @Test
    void readsCallsAsHermesAndQwenWriteThem() {
        String add = "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>";
        assertThat(read(ToolFormat.HERMES, add, ADD)).isEmpty();
        assertThat(read(ToolFormat.HERMES, "I add. " + add + "\n" + add, ADD, ADD))
                .isEqualTo("I add. ");
        assertThat(read(ToolFormat.HERMES, "<tool_call>{\"name\": \"say\"}", SAY))
                .isEmpty(); // without its end
        assertThat(read(ToolFormat.HERMES, "a < b <tool_ and <tool_call>no</tool_call>!"))
                .isEqualTo("a < b <tool_ and <tool_call>no</tool_call>!");
    }

    @Test
    void readsCallsAsMistralWritesThem() {
        assertThat(read(
                        ToolFormat.MISTRAL,
                        "[TOOL_CALLS] [{\"name\": \"add\", \"arguments\": {\"a\": 1}}, {\"name\": \"say\", \"arguments\": {}}]",
                        ADD,
                        SAY))
                .isEmpty();
        ToolText marked = new ToolText(ToolFormat.MISTRAL);
        assertThat(marked.push("So: ") + marked.begin()).isEqualTo("So: "); // the mark is a token without a text
        assertThat(marked.push("[{\"name\": \"say\"}]") + marked.finish()).isEmpty();
        assertThat(marked.takeFresh()).isEqualTo(List.of(SAY));
    }

    @Test
    void readsCallsAsLlamaWritesThem() {
        String add = "{\"name\": \"add\", \"parameters\": {\"a\": 1}}";
        assertThat(read(ToolFormat.LLAMA, add, ADD)).isEmpty();
        assertThat(read(ToolFormat.LLAMA, "<|python_tag|>" + add + "; " + add, ADD, ADD))
                .isEmpty();
        assertThat(read(ToolFormat.LLAMA, "It is {\"a\": 1}.")).isEqualTo("It is {\"a\": 1}.");
        assertThat(read(ToolFormat.LLAMA, "{\"name\": 1}")).contains("{\"name\": 1}");
    }

    @Test
    void readsAListThatTheAnswerIsHeldTo() {
        assertThat(read(ToolFormat.LIST, "[{\"name\": \"add\", \"parameters\": {\"a\": 1}}]", ADD))
                .isEmpty();
        assertThat(read(ToolFormat.TEXT, "<tool_call>{\"name\": \"say\"}</tool_call>"))
                .startsWith("<tool_call>");
    }
}
