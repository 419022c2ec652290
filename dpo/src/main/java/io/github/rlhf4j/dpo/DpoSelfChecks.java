package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.StageContext;
import io.github.rlhf4j.datasets.tokens.TokenizedPair;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What must hold before the first step; a failure stops the run. */
final class DpoSelfChecks {
    private static final double TOLERANCE = 1e-4; // nats a token
    private static final int SHOWN = 300; // characters of a text

    private final StageContext context;
    private final Tokenizer tokenizer;

    DpoSelfChecks(StageContext context, Tokenizer tokenizer) {
        this.context = context;
        this.tokenizer = tokenizer;
    }

    /** Shows a row as it is trained on: the response, between the marks, is what the loss counts. */
    void showRow(TokenizedPair pair) {
        context.note("a training row: " + shown(pair.promptIds()) + " [[chosen: " + shown(pair.chosenIds())
                + "]] [[rejected: " + shown(pair.rejectedIds()) + "]]");
    }

    /** Every response ends with an end token, so that the loss trains it. */
    void endTokenIsTrained(List<DpoExample> examples) {
        long ended = examples.stream()
                .filter(example -> endsWithEnd(example.pair().chosenIds())
                        && endsWithEnd(example.pair().rejectedIds()))
                .count();
        context.selfCheck(
                "the end token is inside the loss mask",
                ended == examples.size(),
                ended + " of " + examples.size() + " pairs of the first step end with it");
    }

    /** Where the reference is the starting policy, both say the same of every response, so the sigmoid loss is ln 2. */
    void policyIsTheReference(List<DpoExample> examples, PairScorer policy) {
        double[] logProbs = policy.score(examples.stream().map(DpoExample::pair).toList());
        double largest = 0;
        for (int i = 0; i < examples.size(); i++) {
            DpoExample example = examples.get(i);
            double chosen = Math.abs(logProbs[2 * i] - example.refChosen());
            double rejected = Math.abs(logProbs[2 * i + 1] - example.refRejected());
            largest = Math.max(largest, chosen / example.pair().chosenIds().length);
            largest = Math.max(largest, rejected / example.pair().rejectedIds().length);
        }
        context.selfCheck(
                "the policy is the reference at step 0, so the sigmoid loss is ln 2 = 0.693147",
                largest <= TOLERANCE,
                String.format(
                        Locale.ROOT,
                        "log-probs of %d responses differ by at most %.1e nats a token",
                        2 * examples.size(),
                        largest));
    }

    private boolean endsWithEnd(int[] ids) {
        return Arrays.stream(tokenizer.stopIds()).anyMatch(stop -> stop == ids[ids.length - 1]);
    }

    private String shown(int[] ids) {
        String text = tokenizer.decode(ids, false).replace("\n", "\\n");
        return text.length() <= SHOWN
                ? text
                : text.substring(0, SHOWN / 2) + " ... " + text.substring(text.length() - SHOWN / 2);
    }
}
