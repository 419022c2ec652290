package io.github.rlhf4j.core.train;

import io.github.rlhf4j.core.model.TokenSequence;
import java.util.List;

/**
 * Some of the micro-batches of a score, to be computed elsewhere as they would be here.
 *
 * @param microBatches each the groups that are computed together
 * @param indices of those groups in the whole, micro-batch after micro-batch
 * @param onReplicas whether each is computed on a replica, or by all threads
 * @param rowsOnReplicas of the whole, which decides how products are computed
 */
public record ScorePart(
        List<List<List<TokenSequence>>> microBatches, List<Integer> indices, boolean onReplicas, long rowsOnReplicas) {
    public ScorePart {
        microBatches = List.copyOf(microBatches);
        indices = List.copyOf(indices);
    }
}
