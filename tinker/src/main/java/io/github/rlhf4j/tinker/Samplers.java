package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.ContinuousBatch;
import io.github.rlhf4j.core.generation.GenerationLimits;
import io.github.rlhf4j.core.generation.LiveRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Models that are ready to sample, a few at a time: the ones used longest ago make room. Used by the thread that computes alone. */
final class Samplers implements AutoCloseable {
    private static final int PREFILL_TOKENS = 2048;

    private final TinkerSettings settings;
    private final Map<Weights, Open> open = new LinkedHashMap<>(16, 0.75f, true); // used longest ago first
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    /**
     * What is sampled from.
     *
     * @param adapter the folder of one on it
     */
    record Weights(BaseModel base, Optional<Path> adapter) {}

    private record Waiting(Weights weights, Sampled sampled) {}

    /** A model with its batch. */
    private static final class Open implements AutoCloseable {
        private final Optional<Transformer> own; // with an adapter
        private final ContinuousBatch batch;

        Open(Weights weights, GenerationLimits limits) {
            BaseModel base = weights.base();
            own = weights.adapter().map(folder -> {
                Transformer model =
                        base.transformer().sharing(base.folder(), EnumSet.of(Head.LANGUAGE), Optional.empty());
                try {
                    model.loadAdapter(folder);
                    return model;
                } catch (RuntimeException e) {
                    model.close();
                    throw e;
                }
            });
            batch = new ContinuousBatch(own.orElse(base.transformer()), limits);
        }

        boolean isIdle() {
            return batch.running() == 0 && batch.waiting() == 0;
        }

        @Override
        public void close() {
            batch.close();
            own.ifPresent(Transformer::close);
        }
    }

    Samplers(TinkerSettings settings) {
        this.settings = settings;
    }

    /** Begins a call, now or when there is room. */
    void add(Weights weights, Sampled sampled) {
        waiting.add(new Waiting(weights, sampled));
        begin();
    }

    /** Another token of all that is being sampled; false where there is nothing to do. */
    boolean step() {
        boolean worked = false;
        for (Open each : List.copyOf(open.values())) {
            worked |= each.batch.step();
        }
        begin();
        return worked;
    }

    private void begin() {
        for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
            Waiting next = each.next();
            try {
                Optional<Open> model = model(next.weights());
                if (model.isPresent()) {
                    each.remove();
                    begin(model.get().batch, next);
                }
            } catch (RuntimeException e) {
                each.remove();
                next.sampled().fail(e);
            } catch (OutOfMemoryError e) {
                each.remove();
                next.sampled()
                        .fail(new UserError(
                                "there is no memory for one more model that is ready to sample: start the server with a smaller --max-samplers, now "
                                        + settings.maxSamplers(),
                                e));
            }
        }
    }

    private static void begin(ContinuousBatch batch, Waiting next) {
        Sampled sampled = next.sampled();
        List<LiveRequest> requests =
                sampled.call().requests(next.weights().base().tokenizer(), sampled::listener);
        requests.forEach(batch::check);
        requests.forEach(batch::add);
    }

    /** Empty where there is no room for one more. */
    private Optional<Open> model(Weights weights) {
        Open ready = open.get(weights);
        if (ready != null) {
            return Optional.of(ready);
        }
        if (open.size() >= settings.maxSamplers()) {
            Optional<Weights> idle = open.entrySet().stream()
                    .filter(entry -> entry.getValue().isIdle())
                    .map(Map.Entry::getKey)
                    .findFirst();
            if (idle.isEmpty()) {
                return Optional.empty();
            }
            forget(idle.get());
        }
        Open made = new Open(
                weights,
                new GenerationLimits(
                        settings.maxBatch(),
                        Math.max(1, settings.cacheBytes() / settings.maxSamplers()),
                        PREFILL_TOKENS));
        open.put(weights, made);
        return Optional.of(made);
    }

    private void forget(Weights weights) {
        Open gone = open.remove(weights);
        if (gone != null) {
            gone.close();
        }
    }

    @Override
    public void close() {
        List.copyOf(open.keySet()).forEach(this::forget);
        waiting.forEach(next -> next.sampled().fail(new IllegalStateException("the server is ending")));
        waiting.clear();
    }
}
