package io.github.rlhf4j.judge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A model behind a server that is asked for the order of all responses; an answer that does not name each of them once is no verdict, so all tie. */
final class PromptedRanking implements Judge {
    private static final Pattern NUMBER = Pattern.compile("\\d+");
    private static final int TOKENS_OF_ONE = 4;
    private static final int TOKENS = 16;

    private final PromptedJudge prompts;
    private final OpenAiChat chat;

    PromptedRanking(PromptedJudge prompts, OpenAiChat chat) {
        this.prompts = prompts;
        this.chat = chat;
    }

    @Override
    public List<List<Integer>> rank(List<Question> questions) {
        List<OpenAiChat.Answer> answers = chat.ask(questions.stream()
                .map(question -> chat.request(
                        text(question),
                        0,
                        TOKENS + TOKENS_OF_ONE * question.responses().size()))
                .toList());
        List<List<Integer>> ranks = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            ranks.add(ranks(answers.get(i).text(), questions.get(i).responses().size()));
        }
        return ranks;
    }

    /** NaN, not a tie, where there is no order. */
    @Override
    public double[] compare(List<Pair> pairs) {
        return Arrays.stream(Judge.super.compare(pairs))
                .map(first -> first == 0.5 ? Double.NaN : first)
                .toArray();
    }

    private String text(Question question) {
        String responses = IntStream.range(0, question.responses().size())
                .mapToObj(i -> "[" + i + "] " + question.responses().get(i).strip())
                .collect(Collectors.joining("\n\n"));
        return prompts.question(question.prompt(), Map.of(JudgePrompts.RESPONSES, responses), question.responses());
    }

    static List<Integer> ranks(String answer, int responses) {
        List<String> order = NUMBER.matcher(Verdicts.withoutThoughts(answer))
                .results()
                .map(found -> found.group())
                .toList();
        Integer[] ranks = new Integer[responses];
        for (int place = 0; place < order.size(); place++) {
            String number = order.get(place);
            int response = number.length() > 6 ? responses : Integer.parseInt(number);
            if (response >= responses || ranks[response] != null) {
                return Collections.nCopies(responses, 1);
            }
            ranks[response] = place + 1;
        }
        return order.size() == responses ? Arrays.asList(ranks) : Collections.nCopies(responses, 1);
    }
}
