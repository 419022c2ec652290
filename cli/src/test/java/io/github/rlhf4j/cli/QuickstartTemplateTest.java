package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.chat.ChatTemplate;
import io.github.rlhf4j.datasets.tokens.TemplateChatEncoder;
import io.github.rlhf4j.world.Part;
import io.github.rlhf4j.world.World;
import io.github.rlhf4j.world.WorldSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The quickstart's chat template says what the world's prompts say, so that its models, which learnt from those, can be talked to. */
class QuickstartTemplateTest {
    @TempDir
    Path folder;

    @Test
    void aUsersTurnHasTheIdsOfAPlainPrompt() throws IOException {
        Path model = PretrainedModel.write(folder);
        Files.copy(
                Path.of("../configs/quickstart-chat.jinja"),
                model.resolve("chat_template.jinja"),
                StandardCopyOption.REPLACE_EXISTING);
        World world = new World(7, new WorldSize(20, 20, 10, 10, 10, 60, 12));
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(model)) {
            TemplateChatEncoder chat = new TemplateChatEncoder(tokenizer);
            world.stream(Part.PROMPTS).forEach(row -> {
                String prompt = ((Content.Text) ((Prompt) row).prompt()).text();
                List<ChatMessage> turn = List.of(new ChatMessage("user", prompt.strip()));
                assertThat(chat.encode(turn, true, true).ids()).isEqualTo(tokenizer.encode(prompt, true));
            });

            ChatTemplate template = ChatTemplate.of(tokenizer);
            List<ChatMessage> talk = List.of(
                    new ChatMessage("system", "Be kind."),
                    new ChatMessage("user", " Hello. "),
                    new ChatMessage("assistant", "Hello!"),
                    new ChatMessage("user", "Bye."));
            String rendered = template.render(talk, true);
            String begin = rendered.substring(0, rendered.indexOf("Bye."));
            assertThat(begin).isNotEmpty();
            assertThat(rendered).as("each question alone").isEqualTo(begin + "Bye.\n");
            assertThat(template.render(talk.subList(1, 3), false))
                    .startsWith(begin + "Hello.\nHello!")
                    .doesNotEndWith("!");
        }
    }
}
