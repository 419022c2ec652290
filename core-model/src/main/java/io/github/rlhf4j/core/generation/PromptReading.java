package io.github.rlhf4j.core.generation;

import io.github.rlhf4j.core.model.IncrementalDecoder;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Takes the log-probs of prompts from the logits of a pass over them. */
final class PromptReading implements IncrementalDecoder.LogitReader {
    private final List<LiveGroup> groups;
    private final PackedBatch batch;
    private final ModelLogProbs row;
    private final double[][] logProbs;
    private final List<List<TopTokens>> top = new ArrayList<>();
    private int group;

    PromptReading(List<LiveGroup> groups, PackedBatch batch, ModelLogProbs row) {
        this.groups = groups;
        this.batch = batch;
        this.row = row;
        this.logProbs = new double[groups.size()][];
        for (int i = 0; i < groups.size(); i++) {
            logProbs[i] = new double[groups.get(i).promptIds().length - 1];
            top.add(new ArrayList<>());
        }
    }

    @Override
    public void take(int firstRow, Tensor logits) {
        for (int i = 0; i < logits.rows(); i++) {
            int at = firstRow + i;
            while (at >= batch.segmentStart()[group] + batch.segmentLength()[group]) {
                group++;
            }
            int place = at - batch.segmentStart()[group];
            if (place < logProbs[group].length) {
                row.read(logits, i);
                logProbs[group][place] = row.of(groups.get(group).promptIds()[place + 1]);
                int count = groups.get(group).live().options().topLogProbs();
                if (count > 0) {
                    top.get(group).add(row.top(count));
                }
            }
        }
    }

    /** Tells the requests. */
    void tell() {
        for (int i = 0; i < groups.size(); i++) {
            groups.get(i).live().listener().onPrompt(new PromptLogProbs(logProbs[i], top.get(i)));
        }
    }
}
