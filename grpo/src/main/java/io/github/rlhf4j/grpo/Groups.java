package io.github.rlhf4j.grpo;

import io.github.rlhf4j.rollout.Rollout;
import java.util.List;

/** Where the responses of a generation come from: the policy and a reward, or a file. */
@FunctionalInterface
interface Groups {
    /**
     * The responses to the prompts of some steps, scored.
     *
     * @param generation from 1
     * @param firstBatch the number of the first batch of prompts, from 1
     * @param batches how many batches
     * @return by batch, then by prompt, then by response
     */
    List<List<List<Rollout>>> next(long generation, long firstBatch, int batches);
}
