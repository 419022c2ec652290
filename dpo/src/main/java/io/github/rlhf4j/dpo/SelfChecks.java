package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What must hold before the first step; a failure stops the run.
 *
 * @param <T> the example
 */
final class SelfChecks<T> {
    private static final double TOLERANCE = 1e-4; // nats a token
    private static final int SHOWN = 300; // characters of a text

    private final StageContext context;
    private final Tokenizer tokenizer;
    private final ResponseLayout<T> layout;

    SelfChecks(StageContext context, Tokenizer tokenizer, ResponseLayout<T> layout) {
        this.context = context;
        this.tokenizer = tokenizer;
        this.layout = layout;
    }

    /** Shows a row as it is trained on: prompt, and the response, whose tokens are what the loss counts, between marks. */
    void showRow(T example, String... names) {
        List<TokenSequence> responses = layout.of(example);
        StringBuilder row = new StringBuilder("a training row: ");
        int[] first = responses.get(0).ids();
        row.append(shown(Arrays.copyOf(first, responses.get(0).targets()[0])));
        for (int i = 0; i < names.length; i++) {
            row.append(" [[")
                    .append(names[i])
                    .append(": ")
                    .append(shown(targets(responses.get(i))))
                    .append("]]");
        }
        context.note(row.toString());
    }

    /** Every response ends with an end token, so that the loss trains it. */
    void endTokenIsTrained(List<WithRefLogProbs<T>> examples) {
        long ended = examples.stream()
                .filter(example -> layout.of(example.tokens()).stream().allMatch(this::endsWithEnd))
                .count();
        context.selfCheck(
                "the end token is inside the loss mask",
                ended == examples.size(),
                ended + " of " + examples.size() + " examples of the first step end with it");
    }

    /**
     * Where the reference is the starting policy, both say the same of every response.
     *
     * @param hence what follows from it
     */
    void policyIsTheReference(List<WithRefLogProbs<T>> examples, ResponseLogProbs policy, String hence) {
        List<List<TokenSequence>> groups =
                examples.stream().map(example -> layout.of(example.tokens())).toList();
        double[][] logProbs = policy.score(groups);
        double largest = 0;
        int responses = 0;
        for (int i = 0; i < logProbs.length; i++) {
            for (int k = 0; k < logProbs[i].length; k++, responses++) {
                double reference = examples.get(i).refLogProbs()[k];
                boolean areSame =
                        Double.compare(logProbs[i][k], reference) == 0; // both no numbers: the step names the row
                double difference = areSame ? 0 : Math.abs(logProbs[i][k] - reference);
                largest = Math.max(largest, difference / groups.get(i).get(k).targets().length);
            }
        }
        context.selfCheck(
                "the policy is the reference at step 0, so " + hence,
                largest <= TOLERANCE,
                String.format(
                        Locale.ROOT,
                        "log-probs of %d responses differ by at most %.1e nats a token",
                        responses,
                        largest));
    }

    private boolean endsWithEnd(TokenSequence response) {
        int last = response.ids()[response.length() - 1];
        return tokenizer.isStop(last);
    }

    private static int[] targets(TokenSequence response) {
        return Arrays.copyOfRange(response.ids(), response.targets()[0], response.length());
    }

    private String shown(int[] ids) {
        String text = tokenizer.decode(ids, false).replace("\n", "\\n");
        return text.length() <= SHOWN
                ? text
                : text.substring(0, SHOWN / 2) + " ... " + text.substring(text.length() - SHOWN / 2);
    }
}
