package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.rollout.Rollout;
import io.github.rlhf4j.rollout.RolloutEngine;
import io.github.rlhf4j.rollout.StoredGroup;
import java.util.ArrayList;
import java.util.List;

/** Stored responses; the policy's own log-probs in the place of those that are not known. */
record ReplayedGroups(StageLoop<StoredGroup> loop, Tokenizer tokenizer, RolloutEngine engine) implements Groups {
    @Override
    public Generation next(long generation, long firstBatch, int batches) {
        List<List<List<Rollout>>> steps = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            steps.add(loop.batch(firstBatch + i).stream().map(this::replayed).toList());
        }
        return Generation.of(steps);
    }

    private List<Rollout> replayed(StoredGroup group) {
        List<Rollout> rollouts = group.rollouts(tokenizer);
        if (group.hasLogProbs()) {
            return rollouts;
        }
        return engine.withTrainerLogProbs(rollouts).stream()
                .map(known -> Rollout.sampled(
                                known.promptIds(), known.responseIds(), known.answer(), known.trainerLogProbs())
                        .withScores(known.scores(), known.score()))
                .toList();
    }
}
