package io.github.rlhf4j.judge;

import io.github.rlhf4j.core.CounterRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What judges that read a question have in common: the question's text, with the principle that is drawn for a prompt and its responses. */
final class PromptedJudge {
    private final JudgePromptConfig prompts;
    private final CounterRandom random;

    /** @param random of the stage */
    PromptedJudge(JudgePromptConfig prompts, CounterRandom random) {
        this.prompts = prompts;
        this.random = random.derive("constitution");
    }

    /**
     * The question about some responses.
     *
     * @param places name to text, beside the prompt and the principle
     * @param responses on which, in whatever order, the principle depends
     */
    String question(String prompt, Map<String, String> places, List<String> responses) {
        Map<String, String> values = new LinkedHashMap<>(places);
        values.put(JudgePrompts.PROMPT, prompt.strip());
        if (!prompts.constitution().isEmpty()) {
            values.put(JudgePrompts.PRINCIPLE, principle(prompt, responses));
        }
        return JudgePrompts.filled(prompts.question(), values);
    }

    private String principle(String prompt, List<String> responses) {
        List<String> sorted = new ArrayList<>(responses);
        sorted.sort(null);
        CounterRandom drawn = random.derive(prompt);
        for (String response : sorted) {
            drawn = drawn.derive(response);
        }
        List<String> principles = prompts.constitution();
        return principles.get(drawn.below(0, principles.size()));
    }
}
