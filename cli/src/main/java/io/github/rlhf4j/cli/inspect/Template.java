package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.chat.ChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The chat template, and whether what it writes are tokens of the tokenizer and ends where generation stops. */
final class Template {
    /** What looks like a special token: {@code <|im_end|>}, {@code </s>}, {@code <end_of_turn>}, and DeepSeek's with wide bars. */
    private static final Pattern TOKEN =
            Pattern.compile("<[|\\uff5c][^<>]{1,40}[|\\uff5c]>|</?s>|<(start|end|begin|bos|eos)\\w*>");

    private static final String ANSWER = "Well, thanks.";
    private static final List<ChatMessage> CONVERSATION =
            List.of(new ChatMessage("user", "How are you?"), new ChatMessage("assistant", ANSWER));
    private static final int WIDTH = 100;

    private final Tokenizer tokenizer;
    private final Path directory;

    Template(Tokenizer tokenizer, Path directory) {
        this.tokenizer = tokenizer;
        this.directory = directory;
    }

    void describe(Report report) {
        if (tokenizer.chatTemplate().isEmpty()) {
            Set<String> named = tokenizer.chatTemplates().keySet();
            report.line("chat template", named.isEmpty() ? "none" : "no default, but " + String.join(", ", named));
            return;
        }
        String file = "chat_template.jinja";
        report.line(
                "chat template",
                (Files.isRegularFile(directory.resolve(file)) ? file : "tokenizer_config.json") + ": "
                        + firstLine(tokenizer.chatTemplate().get()));
        check(report);
    }

    private static String firstLine(String text) {
        String line = text.strip().lines().findFirst().orElse("");
        return line.length() > WIDTH ? line.substring(0, WIDTH) + " ..." : line;
    }

    private void check(Report report) {
        String text;
        try {
            text = ChatTemplate.of(tokenizer).render(CONVERSATION, false);
        } catch (UserError e) {
            report.warning(e);
            return;
        }
        Set<String> unknown = TOKEN.matcher(text)
                .results()
                .map(MatchResult::group)
                .filter(token -> tokenizer.encode(token, false).length != 1)
                .collect(Collectors.toCollection(TreeSet::new));
        if (!unknown.isEmpty()) {
            report.warning("the chat template writes " + String.join(", ", unknown)
                    + ", which the tokenizer does not have as one token: add it, or take this model's own template");
        }
        int answer = text.lastIndexOf(ANSWER);
        if (answer >= 0) {
            checkEnd(text.substring(answer + ANSWER.length()).strip(), report);
        }
    }

    /** @param end what follows the assistant's answer */
    private void checkEnd(String end, Report report) {
        int[] ids = tokenizer.encode(end, false);
        int[] stops = tokenizer.stopIds();
        if (ids.length == 0) {
            report.warning("the chat template writes nothing after the assistant's turn, so where to stop is never"
                    + " learnt");
        } else if (Arrays.stream(stops).noneMatch(stop -> stop == ids[0])) {
            report.warning("the chat template ends a turn with " + tokenizer.token(ids[0])
                    + ", but generation stops at "
                    + Arrays.stream(stops).mapToObj(tokenizer::token).collect(Collectors.joining(", "))
                    + ": add its id " + ids[0] + " to eos_token_id in generation_config.json");
        }
    }
}
