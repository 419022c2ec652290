package io.github.rlhf4j.judge;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** Verdicts of a model behind a server: by the log-probabilities of the token that is the verdict, where the server gives them, else by the answer's text. */
final class OpenAiVerdicts implements VerdictSource {
    private static final int TOKENS = 16;

    private final OpenAiChat chat;

    OpenAiVerdicts(OpenAiChat chat) {
        this.chat = chat;
    }

    @Override
    public List<double[]> ask(List<String> questions, List<String> verdicts) {
        Verdicts known = new Verdicts(verdicts);
        return chat
                .ask(questions.stream()
                        .map(question -> chat.requestWithLogProbs(question, 0, TOKENS))
                        .toList())
                .stream()
                .map(answer -> probabilities(answer, known, verdicts.size()))
                .toList();
    }

    /** At the first token that is a verdict. */
    private static double[] probabilities(OpenAiChat.Answer answer, Verdicts verdicts, int count) {
        double[] said = verdicts.ofText(answer.text());
        for (OpenAiChat.Token token : answer.tokens()) {
            OptionalInt verdict = verdicts.ofToken(token.text());
            boolean isMeant = verdict.isPresent() && (said.length == 0 || said[verdict.getAsInt()] == 1);
            if (isMeant && !token.alternatives().isEmpty()) {
                double[] sums = new double[count];
                token.alternatives()
                        .forEach((text, logProb) ->
                                verdicts.ofToken(text).ifPresent(index -> sums[index] += Math.exp(logProb)));
                double[] known =
                        Verdicts.normalised(Arrays.stream(sums).map(Math::log).toArray());
                return known.length == 0 ? said : known;
            }
        }
        return said;
    }

    @Override
    public void close() {}
}
