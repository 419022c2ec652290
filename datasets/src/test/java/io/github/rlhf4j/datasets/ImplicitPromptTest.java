package io.github.rlhf4j.datasets;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImplicitPromptTest {
    private static ImplicitPrompt split(String chosen, String rejected) {
        return ImplicitPrompt.split(Content.of(chosen), Content.of(rejected));
    }

    @Test
    void doesNotCutInsideAWord() {
        ImplicitPrompt split = split("The sky is blue.", "The sky is black.");

        assertThat(split)
                .isEqualTo(new ImplicitPrompt(Content.of("The sky is"), Content.of(" blue."), Content.of(" black.")));
    }

    @Test
    void splitsAtTheLastRoleMarkerThatBothShare() {
        String shared = "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Why is it blue?\n\nAssistant:";

        ImplicitPrompt split = split(shared + " The air does it.", shared + " The sea does it.\n\nAssistant: No.");

        assertThat(split.prompt()).isEqualTo(Content.of(shared));
        assertThat(split.chosen()).isEqualTo(Content.of(" The air does it."));
        assertThat(split.rejected()).isEqualTo(Content.of(" The sea does it.\n\nAssistant: No."));
    }

    @Test
    void aMarkerThatOnlyOneHasIsNoBorder() {
        ImplicitPrompt split = split("\n\nHuman: a b\n\nAssistant: x", "\n\nHuman: a c\n\nAssistant: x");

        assertThat(split.prompt()).isEqualTo(Content.of("\n\nHuman: a"));
    }

    @Test
    void aResponseThatStartsTheOtherIsSplitBeforeItsLastWord() {
        // cutting after "is" would leave the first response empty
        assertThat(split("The sky is", "The sky is blue").prompt()).isEqualTo(Content.of("The sky"));
    }

    @Test
    void bothMayContinueWithDifferentWhitespace() {
        assertThat(split("The sky is blue", "The sky is\nblack").prompt()).isEqualTo(Content.of("The sky is"));
    }

    @Test
    void withoutAnyWhitespaceInCommonThePromptIsEmpty() {
        assertThat(split("blue", "black"))
                .isEqualTo(new ImplicitPrompt(Content.of(""), Content.of("blue"), Content.of("black")));
    }

    @Test
    void messageListsSplitAtWholeMessages() {
        ChatMessage question = new ChatMessage("user", "How is the sky?");
        ChatMessage blue = new ChatMessage("assistant", "The sky is blue.");
        ChatMessage black = new ChatMessage("assistant", "The sky is black.");

        ImplicitPrompt split =
                ImplicitPrompt.split(Content.of(List.of(question, blue)), Content.of(List.of(question, black)));

        assertThat(split)
                .isEqualTo(new ImplicitPrompt(
                        Content.of(List.of(question)), Content.of(List.of(blue)), Content.of(List.of(black))));
    }
}
