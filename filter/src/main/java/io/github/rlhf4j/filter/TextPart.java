package io.github.rlhf4j.filter;

import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Conversation;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.StepwiseSupervision;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.datasets.UnpairedPreference;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which texts of a row are looked at. */
public enum TextPart {
    /** Prompt and response, an empty line between. */
    ALL,
    /** What is asked. */
    PROMPT,
    /** The completion; of pairs and rankings the better response, of conversations the assistant's messages. */
    RESPONSE;

    private static final String BETWEEN = "\n\n";

    /** Whether rows of that kind have such a part besides others. */
    boolean isPartOf(RecordKind kind) {
        return this == ALL || kind != RecordKind.TEXT && kind != RecordKind.PROMPT;
    }

    /** That part of a row as one text. */
    public String of(DataRecord row) {
        if (row instanceof TextRecord text) {
            return text.text();
        }
        if (row instanceof Conversation conversation) {
            return joined(conversation.messages().stream().filter(this::isMine).map(ChatMessage::content));
        }
        if (row instanceof Prompt prompt) {
            return text(prompt.prompt());
        }
        return switch (this) {
            case PROMPT -> text(prompt(row));
            case RESPONSE -> response(row);
            case ALL -> joined(Stream.of(text(prompt(row)), response(row)));
        };
    }

    private boolean isMine(ChatMessage message) {
        return this == ALL || (this == RESPONSE) == message.role().equals("assistant");
    }

    private static Content prompt(DataRecord row) {
        if (row instanceof PromptCompletion demonstration) {
            return demonstration.prompt();
        }
        if (row instanceof PreferencePair pair) {
            return pair.prompt();
        }
        if (row instanceof UnpairedPreference unpaired) {
            return unpaired.prompt();
        }
        return row instanceof Ranking ranking ? ranking.prompt() : ((StepwiseSupervision) row).prompt();
    }

    private static String response(DataRecord row) {
        if (row instanceof PromptCompletion demonstration) {
            return text(demonstration.completion());
        }
        if (row instanceof PreferencePair pair) {
            return text(pair.chosen());
        }
        if (row instanceof UnpairedPreference unpaired) {
            return text(unpaired.completion());
        }
        if (row instanceof Ranking ranking) {
            List<Integer> ranks = ranking.ranks();
            return text(ranking.responses().get(ranks.indexOf(Collections.min(ranks))));
        }
        return String.join("\n", ((StepwiseSupervision) row).completions());
    }

    private static String text(Content content) {
        return content instanceof Content.Text text
                ? text.text()
                : joined(((Content.Messages) content).messages().stream().map(ChatMessage::content));
    }

    private static String joined(Stream<String> texts) {
        return texts.filter(text -> !text.isBlank()).collect(Collectors.joining(BETWEEN));
    }
}
