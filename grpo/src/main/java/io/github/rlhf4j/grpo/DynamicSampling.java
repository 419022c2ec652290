package io.github.rlhf4j.grpo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.stage.StageLoop;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import io.github.rlhf4j.rollout.Rollout;
import java.util.ArrayList;
import java.util.List;

/**
 * DAPO's dynamic sampling (Yu et al. 2025, arXiv:2503.14476, section 3.2): a group whose responses all have one reward gives way to a group of the prompt that follows in the order of the data.
 *
 * <p>A generation draws as many prompts as it needs, then as many as it still lacks, and so on, up to a limit; there groups of one reward fill the rest. Prompts of later steps are used up by that, so how far it is in the data is
 * part of a checkpoint.
 */
final class DynamicSampling implements Groups, Stateful {
    private final StageLoop<TokenizedPrompt> loop;
    private final SampledGroups sampled;
    private final CounterRandom random;
    private final int most;
    private long batch = 1; // the next prompt is in this batch
    private int offset; // at this place

    /**
     * @param random generation g draws from {@code random.derive(g)}, as without this
     * @param most a generation draws at most so many times the prompts that it needs
     */
    DynamicSampling(StageLoop<TokenizedPrompt> loop, SampledGroups sampled, CounterRandom random, int most) {
        this.loop = loop;
        this.sampled = sampled;
        this.random = random;
        this.most = most;
    }

    @Override
    public Generation next(long generation, long firstBatch, int batches) {
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i < batches; i++) {
            sizes.add(loop.batch(firstBatch + i).size());
        }
        int wanted = sizes.stream().mapToInt(size -> size).sum();
        CounterRandom draws = random.derive(generation);
        List<List<Rollout>> kept = new ArrayList<>();
        List<List<Rollout>> leftOut = new ArrayList<>();
        for (int round = 0; kept.size() < wanted && kept.size() + leftOut.size() < (long) most * wanted; round++) {
            long left = (long) most * wanted - kept.size() - leftOut.size();
            List<TokenizedPrompt> prompts = prompts((int) Math.min(left, wanted - kept.size()));
            for (List<Rollout> group : sampled.scored(
                    prompts, round == 0 ? draws : draws.derive("again").derive(round))) {
                (hasSpread(group) ? kept : leftOut).add(group);
            }
        }
        int filling = wanted - kept.size();
        kept.addAll(leftOut.subList(0, filling));
        return new Generation(SampledGroups.cut(kept, sizes), List.copyOf(leftOut.subList(filling, leftOut.size())));
    }

    private static boolean hasSpread(List<Rollout> group) {
        return group.stream()
                        .filter(Rollout::isScored)
                        .mapToDouble(Rollout::score)
                        .distinct()
                        .count()
                > 1;
    }

    private List<TokenizedPrompt> prompts(int count) {
        List<TokenizedPrompt> prompts = new ArrayList<>();
        while (prompts.size() < count) {
            List<TokenizedPrompt> rows = loop.batch(batch);
            int to = Math.min(rows.size(), offset + count - prompts.size());
            prompts.addAll(rows.subList(offset, to));
            batch += to == rows.size() ? 1 : 0;
            offset = to == rows.size() ? 0 : to;
        }
        return prompts;
    }

    @Override
    public void save(ObjectNode state) {
        state.put("batch", batch);
        state.put("offset", offset);
    }

    @Override
    public void restore(ObjectNode state) {
        batch = state.path("batch").asLong();
        offset = state.path("offset").asInt();
    }
}
