package io.github.rlhf4j.web.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.testing.damage.DamagedInputs;
import io.github.rlhf4j.testing.damage.Form;
import io.github.rlhf4j.web.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A conversation with a damaged file is shown, or refused in one line that names the file. */
class DamagedConversationTest {
    @TempDir
    Path folder;

    private static void use(Path file) {
        try (ChatTree tree = ChatTree.open(file, Clock.systemUTC())) {
            tree.summary();
            tree.json().forEach(message -> {
                tree.conversation(message.path("id").asText());
                tree.answers(message.path("turn").asText());
            });
        }
    }

    @Test
    @Timeout(60) // a message that follows itself was followed for ever
    void isShownOrRefused() throws IOException {
        Path whole = folder.resolve("whole.jsonl");
        try (ChatTree tree = ChatTree.open(whole, Clock.systemUTC())) {
            String asked = tree.add("", "user", "Hi", Json.object()).path("id").asText();
            for (String side : new String[] {"A", "B"}) {
                tree.add(
                        asked,
                        "assistant",
                        "Ho",
                        Json.object().put("turn", "t").put("side", side).put("blind", true));
            }
            tree.vote("t", "A", "Ada");
            tree.add("2", "user", "And?", Json.object());
        }
        use(whole);
        Path copy = folder.resolve("copy.jsonl");
        for (byte[] damaged : DamagedInputs.of("chat", Form.JSON_LINES, Files.readAllBytes(whole))) {
            Files.write(copy, damaged);
            String shown = new String(damaged, StandardCharsets.UTF_8);
            try {
                use(copy);
            } catch (UserError e) {
                assertThat(e.getMessage())
                        .as(shown)
                        .contains("copy.jsonl line ")
                        .doesNotContain("\n");
            } catch (RuntimeException e) {
                throw new AssertionError(shown, e);
            }
        }
        Files.writeString(
                copy,
                "{\"event\": \"message\", \"id\": \"1\", \"parent\": \"1\", \"role\": \"user\", \"content\": \"x\"}\n");
        assertThatThrownBy(() -> use(copy))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("copy.jsonl line 1: parent must be");
    }
}
