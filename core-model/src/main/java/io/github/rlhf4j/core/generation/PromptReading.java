package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.model.FedTokens;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Takes the log-probs of a prompt from the logits of passes over it. */
final class PromptReading implements FedTokens.LogitReader {
    private final LiveGroup group;
    private final ModelLogProbs row;
    private final double[] logProbs;
    private final List<TopTokens> top = new ArrayList<>();

    PromptReading(LiveGroup group, ModelLogProbs row) {
        this.group = group;
        this.row = row;
        this.logProbs = new double[group.promptIds().length - 1];
    }

    @Override
    public void take(int position, Tensor logits) {
        int count = group.live().options().topLogProbs();
        for (int i = 0; i < logits.rows() && position + i < logProbs.length; i++) {
            row.read(logits, i);
            logProbs[position + i] = row.of(group.promptIds()[position + i + 1]);
            if (count > 0) {
                top.add(row.top(count));
            }
        }
    }

    /** Tells the request. */
    void tell() {
        group.live().listener().onPrompt(new PromptLogProbs(logProbs, top));
    }
}
