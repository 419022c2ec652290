package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.TextGenerator;
import io.github.rlhf4j.core.generation.TextListener;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chat}: a conversation at the terminal; answers appear as they are written. */
@Command(
        name = "chat",
        description = "Talk to a model; an empty line or the end of the input ends it.",
        sortOptions = false)
final class ChatCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final List<ChatMessage> messages = new ArrayList<>();

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "A Hugging Face directory.")
    private Path model = Path.of("");

    @Mixin
    private SamplingFlags sampling = new SamplingFlags();

    @Option(names = "--system", paramLabel = "TEXT", description = "A system message before the first turn.")
    private String system = "";

    @Mixin
    private Arithmetic arithmetic = new Arithmetic();

    ChatCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        try (OpenModel open = OpenModel.openLanguageModel(model, arithmetic.kernels(Assembly.create(), terminal));
                Generator generator = new Generator(open.transformer())) {
            boolean hasTemplate = open.tokenizer().chatTemplate().isPresent();
            if (!hasTemplate) {
                terminal.line(
                        "this model has no chat template: each line is continued as plain text, without memory of the last");
            }
            if (!system.isEmpty()) {
                messages.add(new ChatMessage("system", system));
            }
            TextGenerator texts = new TextGenerator(open.tokenizer(), generator);
            ChatTokens chat = new ChatTokens(ModelChat.encoder(open.tokenizer()));
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (int turn = 0; ; turn++) {
                prompt();
                String line = input.readLine();
                if (line == null || line.isBlank()) {
                    return 0;
                }
                messages.add(new ChatMessage("user", line));
                int[] ids = hasTemplate ? chat.prompt(messages, true) : texts.promptIds(line, true);
                CounterRandom random =
                        CounterRandom.of(sampling.seed()).derive("chat").derive(turn);
                List<GeneratedText> answer =
                        texts.generate(List.of(ids), 1, sampling.options(open.tokenizer()), random, new Streamer());
                terminal.out().println();
                messages.add(new ChatMessage("assistant", answer.get(0).text()));
            }
        }
    }

    private void prompt() {
        if (terminal.isInteractive()) {
            terminal.err().print("> ");
            terminal.err().flush();
        }
    }

    private final class Streamer implements TextListener {
        @Override
        public void onText(int request, int sample, String piece) {
            terminal.out().print(piece);
            terminal.out().flush();
        }
    }
}
