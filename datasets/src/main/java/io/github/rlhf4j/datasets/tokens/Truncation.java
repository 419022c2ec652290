package io.github.rlhf4j.datasets.tokens;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/** Fits prompts and responses into max_length. */
final class Truncation {
    private final int maxLength;
    private final TruncationMode mode;
    private final OptionalInt bosId;

    Truncation(TokenizingOptions options, OptionalInt bosId) {
        this.maxLength = options.maxLength();
        this.mode = options.truncationMode();
        this.bosId = bosId;
    }

    /** The tokens that are kept, the same prompt for all responses; empty when the row is to be dropped. */
    Optional<JointTokens> fit(JointTokens tokens, ReportCounts counts) {
        if (tokens.promptIds().length + tokens.longestResponse() <= maxLength) {
            return Optional.of(tokens);
        }
        Optional<JointTokens> kept = switch (mode) {
            case PROMPT_LEFT -> Optional.of(cutPrompt(tokens, counts));
            case KEEP_START -> keepStart(tokens, counts);
            case DROP -> Optional.empty();
        };
        if (kept.isEmpty()) {
            counts.dropped++;
        }
        return kept;
    }

    /** A prompt alone; the right end stays, and so does BOS. */
    Optional<int[]> fitPrompt(int[] promptIds, ReportCounts counts) {
        if (promptIds.length <= maxLength) {
            return Optional.of(promptIds);
        }
        if (mode == TruncationMode.DROP) {
            counts.dropped++;
            return Optional.empty();
        }
        counts.promptsCut++;
        return Optional.of(
                mode == TruncationMode.KEEP_START ? Arrays.copyOf(promptIds, maxLength) : right(promptIds, maxLength));
    }

    /** A prompt before a response of so many tokens: prompt_left cuts it to make room, down to one token. */
    int[] fitPromptBefore(int[] promptIds, int responseLength, ReportCounts counts) {
        int room = Math.max(1, maxLength - responseLength);
        if (mode != TruncationMode.PROMPT_LEFT || promptIds.length <= room) {
            return promptIds;
        }
        counts.promptsCut++;
        return right(promptIds, room);
    }

    private JointTokens cutPrompt(JointTokens tokens, ReportCounts counts) {
        int promptLength = Math.max(1, Math.min(tokens.promptIds().length, maxLength - tokens.longestResponse()));
        counts.promptsCut += promptLength < tokens.promptIds().length ? 1 : 0;
        int responseLength = maxLength - promptLength;
        counts.responsesCut += tokens.longestResponse() > responseLength ? 1 : 0;
        int[][] responses = new int[tokens.responseIds().length][];
        for (int k = 0; k < responses.length; k++) {
            responses[k] = keepEnd(tokens.responseIds()[k], responseLength);
        }
        return new JointTokens(right(tokens.promptIds(), promptLength), responses, tokens.mismatches());
    }

    private Optional<JointTokens> keepStart(JointTokens tokens, ReportCounts counts) {
        int responseLength = maxLength - tokens.promptIds().length;
        if (responseLength < 1) {
            return Optional.empty();
        }
        counts.responsesCut++;
        int[][] responses = new int[tokens.responseIds().length][];
        for (int k = 0; k < responses.length; k++) {
            int[] response = tokens.responseIds()[k];
            responses[k] = Arrays.copyOf(response, Math.min(response.length, responseLength));
        }
        return Optional.of(new JointTokens(tokens.promptIds(), responses, tokens.mismatches()));
    }

    /** The last {@code length} tokens of a prompt, BOS and the last length - 1 where it begins with BOS. */
    private int[] right(int[] promptIds, int length) {
        int[] kept = Arrays.copyOfRange(promptIds, promptIds.length - length, promptIds.length);
        if (bosId.isPresent() && promptIds[0] == bosId.getAsInt()) {
            kept[0] = promptIds[0];
        }
        return kept;
    }

    private static int[] keepEnd(int[] response, int length) {
        if (response.length <= length) {
            return response;
        }
        int[] kept = Arrays.copyOf(response, length);
        kept[length - 1] = response[response.length - 1];
        return kept;
    }
}
