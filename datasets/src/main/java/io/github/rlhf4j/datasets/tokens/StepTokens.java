package io.github.rlhf4j.datasets.tokens;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Answers in steps as tokens, as TRL's PRMTrainer makes them: each step by itself and after it the separator, whose last token the step is scored at.
 *
 * @param tokenizer of the model that scores
 * @param separator what ends each step, at least one token
 * @param splitSpecialTokens whether the text of a special token stays text
 */
public record StepTokens(Tokenizer tokenizer, String separator, boolean splitSpecialTokens) {
    public StepTokens {
        if (tokenizer.encode(separator, false, splitSpecialTokens).length == 0) {
            throw new UserError("step_separator must be a text of at least one token, but is \"" + separator + "\"");
        }
    }

    /**
     * Tokens of some steps.
     *
     * @param ids of all steps, separators included
     * @param ends the index of each step's last token
     */
    @SuppressWarnings("ArrayRecordComponent") // identity is all that is asked of it
    public record Encoded(int[] ids, int[] ends) {
        /** The same after a prompt. */
        public Encoded after(int[] promptIds) {
            return new Encoded(
                    IntStream.concat(IntStream.of(promptIds), IntStream.of(ids)).toArray(),
                    IntStream.of(ends).map(end -> promptIds.length + end).toArray());
        }
    }

    /** As a process reward model of that config reads them. */
    public static StepTokens of(Tokenizer tokenizer, HuggingFaceConfig config) {
        return new StepTokens(tokenizer, config.stepSeparator().orElse("\n"), false); // TRL's default
    }

    /** Steps without their separators, as tokens. */
    public Encoded encode(List<String> steps) {
        int[] after = ids(separator);
        List<int[]> parts = new ArrayList<>();
        int[] ends = new int[steps.size()];
        int length = 0;
        for (int i = 0; i < ends.length; i++) {
            int[] step = ids(steps.get(i));
            parts.add(step);
            parts.add(after);
            length += step.length + after.length;
            ends[i] = length - 1;
        }
        return new Encoded(parts.stream().flatMapToInt(Arrays::stream).toArray(), ends);
    }

    /** The tokens of a plain prompt: after BOS, where the tokenizer has one; at least one token. */
    public int[] prompt(String prompt) {
        int[] ids = ids(prompt);
        int first = tokenizer.bosId().orElse(ids.length == 0 ? tokenizer.stopIds()[0] : -1);
        if (first < 0) {
            return ids;
        }
        int[] begun = new int[ids.length + 1];
        begun[0] = first;
        System.arraycopy(ids, 0, begun, 1, ids.length);
        return begun;
    }

    /** The steps of an answer: what stands between separators, blank ones left out. */
    public List<String> split(String answer) {
        return Arrays.stream(parts(answer)).filter(step -> !step.isBlank()).toList();
    }

    /** Where the steps of {@link #split} end in the answer, their separators included: as many chars. */
    public int[] ends(String answer) {
        IntStream.Builder ends = IntStream.builder();
        int end = 0;
        for (String part : parts(answer)) {
            end = Math.min(end + part.length() + separator.length(), answer.length());
            if (!part.isBlank()) {
                ends.add(end);
            }
        }
        return ends.build().toArray();
    }

    private String[] parts(String answer) {
        return answer.split(Pattern.quote(separator), -1);
    }

    private int[] ids(String text) {
        return tokenizer.encode(text, false, splitSpecialTokens);
    }
}
