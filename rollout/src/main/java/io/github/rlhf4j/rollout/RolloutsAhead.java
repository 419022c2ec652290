package io.github.rlhf4j.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.Generated;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.datasets.tokens.TokenizedPrompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Responses that are sampled some generations before they are learnt from, while the policy trains: the run file's {@code staleness}, n. Which weights sample what is fixed, whatever is ready when.
 *
 * <pre>  generation g is sampled with the weights before the first update of generation max(1, g - n)</pre>
 *
 * <p>What waits is part of a checkpoint. With n = 0 nothing waits. For one thread. Source: Noukhovitch et al. 2024, arXiv:2410.18252 (asynchronous RLHF; there n = 1).
 */
public final class RolloutsAhead implements Stateful {
    private final RolloutEngine engine;
    private final int staleness;
    private final LongFunction<Draw> draws;
    private final NavigableMap<Long, List<Generated>> waiting = new TreeMap<>(); // by generation
    private @Nullable Supplier<List<Generated>> begun;
    private long begunFor; // that generation

    /**
     * What a generation answers.
     *
     * @param random as {@link RolloutEngine#sample} takes it
     */
    public record Draw(List<TokenizedPrompt> prompts, CounterRandom random) {}

    /**
     * @param staleness n, >= 0
     * @param draws by generation, from 1; asked for n generations after the last, too
     */
    public RolloutsAhead(RolloutEngine engine, int staleness, LongFunction<Draw> draws) {
        this.engine = engine;
        this.staleness = staleness;
        this.draws = draws;
    }

    /**
     * The responses of a generation, by prompt, then by sample.
     *
     * @param draw its own
     */
    public List<List<Rollout>> take(long generation, Draw draw) {
        if (staleness == 0) {
            return engine.sample(draw.prompts(), draw.random());
        }
        finish();
        for (long next = generation; next < generation + staleness; next++) { // all are there but at the start
            if (!waiting.containsKey(next)) {
                Draw first = next == generation ? draw : draws.apply(next);
                waiting.put(next, engine.begin(first.prompts(), first.random()).get());
            }
        }
        return engine.rollouts(draw.prompts(), Objects.requireNonNull(waiting.remove(generation)));
    }

    /** Begins with what is taken n generations later, once a generation; to be called before its first update, when the cluster has nothing else to do. */
    public void begin(long generation) {
        long next = generation + staleness;
        if (staleness > 0 && !waiting.containsKey(next) && begunFor != next) {
            Draw draw = draws.apply(next);
            begun = engine.begin(draw.prompts(), draw.random());
            begunFor = next;
        }
    }

    /** Waits for what was begun. */
    private void finish() {
        Supplier<List<Generated>> results = begun;
        begun = null;
        if (results != null) {
            waiting.put(begunFor, results.get());
        }
    }

    /** How many generations ago the weights were those that sampled a generation. */
    public long staleness(long generation) {
        return Math.min(staleness, generation - 1);
    }

    @Override
    public void save(ObjectNode state) {
        finish();
        waiting.forEach((generation, texts) -> {
            ArrayNode list = state.putArray(String.valueOf(generation));
            for (Generated text : texts) {
                ObjectNode node = list.addObject();
                node.put("request", text.request()).put("sample", text.sample());
                ArrayNode ids = node.putArray("ids");
                Arrays.stream(text.ids()).forEach(ids::add);
                ArrayNode logProbs = node.putArray("log_probs");
                Arrays.stream(text.logProbs()).forEach(logProbs::add);
                node.put("finish_reason", text.finishReason().name());
            }
        });
    }

    @Override
    public void restore(ObjectNode state) {
        begun = null; // nobody needs it; the cluster waits for it before its next work
        waiting.clear();
        begunFor = 0;
        state.properties().forEach(generation -> {
            List<Generated> texts = new ArrayList<>();
            generation.getValue().forEach(node -> texts.add(text(node)));
            waiting.put(Long.valueOf(generation.getKey()), texts);
        });
    }

    private static Generated text(JsonNode node) {
        int[] ids = new int[node.path("ids").size()];
        Arrays.setAll(ids, i -> node.path("ids").get(i).asInt());
        double[] logProbs = new double[ids.length];
        Arrays.setAll(logProbs, i -> node.path("log_probs").get(i).asDouble());
        return new Generated(
                node.path("request").asInt(),
                node.path("sample").asInt(),
                ids,
                logProbs,
                FinishReason.valueOf(node.path("finish_reason").asText()),
                List.of());
    }
}
