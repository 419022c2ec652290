package io.github.rlhf4j.grpo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
    private List<List<Row>> rows = List.of(); // of the groups of the last generation, by step

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
        List<Row> rowsOfKept = new ArrayList<>();
        List<Row> rowsOfLeftOut = new ArrayList<>();
        for (int round = 0; kept.size() < wanted && kept.size() + leftOut.size() < (long) most * wanted; round++) {
            long left = (long) most * wanted - kept.size() - leftOut.size();
            List<SampledGroups.Drawn> prompts = prompts((int) Math.min(left, wanted - kept.size()));
            List<List<Rollout>> groups = sampled.scored(
                    prompts, round == 0 ? draws : draws.derive("again").derive(round));
            for (int i = 0; i < groups.size(); i++) {
                boolean isKept = hasSpread(groups.get(i));
                (isKept ? kept : leftOut).add(groups.get(i));
                (isKept ? rowsOfKept : rowsOfLeftOut).add(prompts.get(i).row());
            }
        }
        int filling = wanted - kept.size();
        kept.addAll(leftOut.subList(0, filling));
        rowsOfKept.addAll(rowsOfLeftOut.subList(0, filling));
        rows = SampledGroups.cut(rowsOfKept, sizes);
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

    @Override
    public Row row(long firstBatch, int step, int place) {
        return rows.get(step).get(place);
    }

    private List<SampledGroups.Drawn> prompts(int count) {
        List<SampledGroups.Drawn> prompts = new ArrayList<>();
        while (prompts.size() < count) {
            List<TokenizedPrompt> next = loop.batch(batch);
            int to = Math.min(next.size(), offset + count - prompts.size());
            for (int place = offset; place < to; place++) {
                prompts.add(new SampledGroups.Drawn(next.get(place), new Row(batch, place)));
            }
            batch += to == next.size() ? 1 : 0;
            offset = to == next.size() ? 0 : to;
        }
        return prompts;
    }

    @Override
    public void save(ObjectNode state) {
        state.put("batch", batch);
        state.put("offset", offset);
        ArrayNode steps = state.putArray("rows");
        for (List<Row> step : rows) {
            ArrayNode groups = steps.addArray();
            step.forEach(row -> groups.addArray().add(row.batch()).add(row.place()));
        }
    }

    @Override
    public void restore(ObjectNode state) {
        batch = state.path("batch").asLong();
        offset = state.path("offset").asInt();
        List<List<Row>> restored = new ArrayList<>();
        for (JsonNode step : state.path("rows")) {
            List<Row> groups = new ArrayList<>();
            step.forEach(
                    row -> groups.add(new Row(row.get(0).asLong(), row.get(1).asInt())));
            restored.add(groups);
        }
        rows = restored;
    }
}
