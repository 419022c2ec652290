package io.github.rlhf4j.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.OutputFile;
import io.github.rlhf4j.core.generation.AnswerText;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.core.generation.TextGenerator;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.training.ChatTokens;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A conversation with a model. A line of the input is a message, or a command that begins with a slash. */
final class ChatSession {
    private static final List<String> HELP = List.of(
            "/reset         start over; the system message stays",
            "/system TEXT   set the system message and start over; without a text: none",
            "/save FILE     write the conversation as a line of JSON, {\"messages\": [...]}, which is a dataset",
            "/exit          end; so does the end of the input (Ctrl-D)",
            "Ctrl-C         stop an answer; at the prompt: end",
            "//TEXT         send /TEXT");

    private enum State {
        WAITING,
        ANSWERING,
        STOPPING
    }

    private final Terminal terminal;
    private final LanguageModel model;
    private final GenerationOptions options;
    private final TextGenerator texts;
    private final ChatTokens chat;
    private final boolean hasTemplate;
    private final List<ChatMessage> messages = new ArrayList<>();
    private String system = "";
    private int turn;
    private volatile State state = State.WAITING;

    ChatSession(Terminal terminal, LanguageModel model, GenerationOptions options) {
        this.terminal = terminal;
        this.model = model;
        this.options = options;
        this.texts = new TextGenerator(
                model.tokenizer(),
                model.generator(),
                options.stop(),
                () -> state == State.STOPPING,
                model.constraint(options.structuredOutputs()));
        this.chat = ChatTokens.of(model.tokenizer());
        this.hasTemplate = model.tokenizer().chatTemplate().isPresent();
    }

    void setSystem(String text) {
        if (!text.isEmpty() && !hasTemplate) {
            throw new UserError("this model has no chat template, so there is no place for a system message");
        }
        system = text;
    }

    /** Ctrl-C: ends an answer, and the program where there is none. */
    void interrupt() {
        if (state == State.ANSWERING) {
            state = State.STOPPING;
        } else {
            terminal.err().println();
            Main.end(130);
        }
    }

    /** Answers until the input ends or {@code /exit}. */
    void run(BufferedReader input) throws IOException {
        greet();
        while (true) {
            prompt();
            String line = input.readLine();
            if (line == null || line.strip().equals("/exit") || line.strip().equals("/quit")) {
                return;
            }
            if (!line.isBlank()) {
                take(line);
            }
        }
    }

    private void greet() {
        if (terminal.isInteractive()) {
            terminal.line("Talking to " + model.folder() + ". /help lists the commands, Ctrl-C stops an answer.");
        }
        if (!hasTemplate) {
            terminal.line(
                    "this model has no chat template: each line is continued as plain text, without memory of the last");
        }
    }

    private void prompt() {
        if (terminal.isInteractive()) {
            terminal.err().print("> ");
            terminal.err().flush();
        }
    }

    /** A mistake in a line is said, and the conversation continues. */
    private void take(String line) {
        try {
            if (line.startsWith("/") && !line.startsWith("//")) {
                command(line.strip());
            } else {
                answer(line.startsWith("//") ? line.substring(1) : line);
            }
        } catch (UserError e) {
            terminal.error(String.valueOf(e.getMessage()));
        }
    }

    private void command(String line) {
        String name = line.split("\\s", 2)[0];
        String rest = line.substring(name.length()).strip();
        switch (name) {
            case "/help" -> HELP.forEach(terminal::line);
            case "/reset" -> messages.clear();
            case "/system" -> {
                setSystem(rest);
                messages.clear();
            }
            case "/save" -> save(rest);
            default ->
                throw new UserError(name + " is no command; /help lists them, and //... sends a line with a slash");
        }
    }

    private void save(String file) {
        if (file.isEmpty()) {
            throw new UserError("/save needs the name of a file");
        }
        ObjectNode row = new ObjectMapper().createObjectNode();
        ArrayNode list = row.putArray("messages");
        all().forEach(message -> list.addObject().put("role", message.role()).put("content", message.content()));
        try {
            OutputFile.of("/save", Path.of(file))
                    .write(out -> out.write((row + "\n").getBytes(StandardCharsets.UTF_8)));
        } catch (InvalidPathException e) {
            throw new UserError("/save " + file + " is not the name of a file", e);
        }
        terminal.line(messages.size() + " messages written to " + file);
    }

    private List<ChatMessage> all() {
        List<ChatMessage> all = new ArrayList<>();
        if (!system.isEmpty()) {
            all.add(new ChatMessage("system", system));
        }
        all.addAll(messages);
        return all;
    }

    private void answer(String line) {
        List<ChatMessage> conversation = all();
        conversation.add(new ChatMessage("user", line));
        int[] ids = hasTemplate ? chat.prompt(conversation, true) : texts.promptIds(line, true);
        int context = model.transformer().config().maxPositions();
        if (ids.length >= context) {
            throw new UserError("the conversation has " + ids.length + " tokens with this message and fills the"
                    + " model's context of " + context + ": /reset starts over");
        }
        CounterRandom random = CounterRandom.of(options.seed()).derive("chat").derive(turn++);
        AnswerText shown = new AnswerText(options.stop(), this::show);
        state = State.ANSWERING;
        try {
            GeneratedText answer = texts.generate(
                            List.of(ids), 1, options.sampling(model.tokenizer().stopIds()), random, shown)
                    .get(0);
            String text = shown.finish();
            terminal.out().println();
            messages.add(new ChatMessage("user", line));
            messages.add(new ChatMessage("assistant", text));
            if (options.structuredOutputs().isPresent() && answer.tokens().finishReason() == FinishReason.LENGTH) {
                terminal.line("the answer was cut after " + answer.tokens().ids().length
                        + " tokens, before its text was whole: give more --max-new-tokens");
            }
            if (context == ids.length + answer.tokens().ids().length) {
                terminal.line("the model's context of " + context + " tokens is full: /reset starts over");
            }
        } finally {
            state = State.WAITING;
        }
    }

    private void show(String piece) {
        terminal.out().print(piece);
        terminal.out().flush();
    }
}
