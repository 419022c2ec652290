package io.github.rlhf4j.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The questions that a model is asked as a judge, with places such as {prompt} as in Python's str.format. */
final class JudgePrompts {
    static final String PRINCIPLE = "principle";
    static final String PROMPT = "prompt";
    static final String FIRST = "response0";
    static final String SECOND = "response1";
    static final String RESPONSE = "response";
    static final String RESPONSES = "responses";

    private static final Pattern PLACE = Pattern.compile("\\{\\{|}}|\\{([a-z0-9_]+)}");

    /** TRL's DEFAULT_PAIRWISE_SYSTEM_PROMPT (that of AlpacaEval). */
    private static final String PAIRWISE = """
            I require a leaderboard for various large language models. I'll provide you with prompts given to these models and their corresponding outputs. Your task is to assess these responses, and select the model that produces the best output from a human perspective.

            ## Instruction

            {{
                "instruction": \"""{prompt}\""",
            }}

            ## Model Outputs

            Here are the unordered outputs from the models. Each output is associated with a specific model, identified by a unique model identifier.

            {{
                {{
                    "model_identifier": "0",
                    "output": \"""{response0}\"""
                }},
                {{
                    "model_identifier": "1",
                    "output": \"""{response1}\"""
                }}
            }}

            ## Task

            Evaluate the models on the basis of the quality and relevance of their results, and select the model that generated the best result. Reply with the identifier of the best model. Our evaluation will only take into account the first character of your answer, so make sure it contains only one of the identifiers and nothing else (no quotation marks, no spaces, no new lines, ...).
            """;

    /** Bai et al. 2022, section 4.1. */
    private static final String CONSTITUTIONAL = """
            Consider the following conversation between a human and an assistant:

            Human: {prompt}

            {principle}

            Options:
            (A) {response0}
            (B) {response1}

            The answer is:""";

    private static final String LISTWISE = """
            Below are a prompt and several responses to it, each with its number in brackets. Order the responses from the best to the worst.%s

            ## Prompt

            {prompt}

            ## Responses

            {responses}

            ## Task

            Reply with the numbers of all responses, the best first, with ">" between them, such as 2 > 0 > 1, and nothing else.
            """;

    private static final String SCORING = """
            Below are a prompt and a response to it. Say how good the response is: helpful, correct, to the point, and in the form that was asked for.%s

            ## Prompt

            {prompt}

            ## Response

            {response}

            ## Task

            Reply with a whole number from 1 (very bad) to 10 (very good), and nothing else.
            """;

    private JudgePrompts() {}

    static String of(JudgeMode mode, boolean hasPrinciple) {
        String principle = hasPrinciple ? "\n\n{principle}" : "";
        return switch (mode) {
            case PAIRWISE -> hasPrinciple ? CONSTITUTIONAL : PAIRWISE;
            case LISTWISE -> LISTWISE.formatted(principle);
            case SCORING -> SCORING.formatted(principle);
        };
    }

    /** The places that a question must have. */
    static List<String> places(JudgeMode mode, boolean hasPrinciple) {
        List<String> places = new ArrayList<>(List.of(PROMPT));
        places.addAll(
                switch (mode) {
                    case PAIRWISE -> List.of(FIRST, SECOND);
                    case LISTWISE -> List.of(RESPONSES);
                    case SCORING -> List.of(RESPONSE);
                });
        if (hasPrinciple) {
            places.add(PRINCIPLE);
        }
        return places;
    }

    static boolean has(String text, String place) {
        return PLACE.matcher(text).results().anyMatch(found -> place.equals(found.group(1)));
    }

    /** The text with values in their places; double braces become single ones, and other places stay. */
    static String filled(String text, Map<String, String> values) {
        return PLACE.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(
                        found.group(1) == null
                                ? found.group().substring(1)
                                : values.getOrDefault(found.group(1), found.group())));
    }
}
