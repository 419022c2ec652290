package io.github.rlhf4j.judge;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What a model is asked as a judge.
 *
 * @param mode absent: pairwise
 * @param constitution principles, of which one is drawn for each prompt and its responses, the same in both orders; none: no principle is named
 * @param systemPrompt the question, sent as the user's message as TRL's judges do, with {prompt} and, pairwise, {response0} and {response1}, listwise {responses}, scoring {response}; with a constitution
 *     {principle} too. {{ and }} are braces. Absent: {@link JudgePrompts}
 * @param verdicts what the model is to answer: pairwise the first and the second response's name, scoring numbers; none: those of the prompts here
 */
public record JudgePromptConfig(
        Optional<JudgeMode> mode, List<String> constitution, Optional<String> systemPrompt, List<String> verdicts)
        implements ConfigGroup {
    /** All by default. */
    public static final JudgePromptConfig DEFAULT =
            new JudgePromptConfig(Optional.empty(), List.of(), Optional.empty(), List.of());

    private static final String VERDICTS = "verdicts";
    private static final String SYSTEM_PROMPT = "system_prompt";
    private static final int BEST_SCORE = 10;

    public JudgePromptConfig {
        constitution = List.copyOf(constitution);
        verdicts = List.copyOf(verdicts);
        JudgeMode given = mode.orElse(JudgeMode.PAIRWISE);
        checkConfig(
                constitution.stream().noneMatch(String::isBlank),
                "constitution",
                constitution,
                "must be a list of principles, none of them empty");
        List<String> places = JudgePrompts.places(given, !constitution.isEmpty());
        systemPrompt.ifPresent(text -> {
            for (String place : places) {
                checkConfig(
                        JudgePrompts.has(text, place),
                        SYSTEM_PROMPT,
                        shown(text),
                        "must have the place {" + place + "}");
            }
            checkConfig(
                    places.contains(JudgePrompts.PRINCIPLE) || !JudgePrompts.has(text, JudgePrompts.PRINCIPLE),
                    SYSTEM_PROMPT,
                    shown(text),
                    "has the place {principle}, so constitution must name principles");
        });
        checkConfig(
                verdicts.stream().map(Verdicts::plain).distinct().count() == verdicts.size()
                        && verdicts.stream().map(Verdicts::plain).noneMatch(String::isEmpty),
                VERDICTS,
                verdicts,
                "must differ in letters or digits");
        checkConfig(
                given != JudgeMode.LISTWISE || verdicts.isEmpty(),
                VERDICTS,
                verdicts,
                "does nothing with mode: listwise, so must be left out");
        checkConfig(
                given != JudgeMode.PAIRWISE || verdicts.isEmpty() || verdicts.size() == 2,
                VERDICTS,
                verdicts,
                "must be two: the first response's and the second's");
        checkConfig(
                given != JudgeMode.SCORING
                        || verdicts.isEmpty()
                        || verdicts.size() > 1 && verdicts.stream().allMatch(text -> text.matches("[0-9]{1,6}")),
                VERDICTS,
                verdicts,
                "must be whole numbers, two at least");
        checkConfig(
                systemPrompt.isPresent() || verdicts.isEmpty(),
                VERDICTS,
                verdicts,
                "must be left out without a system_prompt that asks for them");
    }

    private static String shown(String text) {
        String line = text.replace('\n', ' ');
        return "\"" + (line.length() > 40 ? line.substring(0, 40) + "..." : line) + "\"";
    }

    /** Pairwise where nothing is said. */
    public JudgeMode modeOrDefault() {
        return mode.orElse(JudgeMode.PAIRWISE);
    }

    /** The question. */
    String question() {
        return systemPrompt.orElseGet(() -> JudgePrompts.of(modeOrDefault(), !constitution.isEmpty()));
    }

    /** What is to be answered. */
    List<String> answers() {
        if (!verdicts.isEmpty()) {
            return verdicts;
        }
        if (modeOrDefault() == JudgeMode.SCORING) {
            return IntStream.rangeClosed(1, BEST_SCORE)
                    .mapToObj(String::valueOf)
                    .toList();
        }
        boolean isOurs = systemPrompt.isEmpty() && !constitution.isEmpty();
        return isOurs ? List.of("(A)", "(B)") : List.of("0", "1");
    }
}
