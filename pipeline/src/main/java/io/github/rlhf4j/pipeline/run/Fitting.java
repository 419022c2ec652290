package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.Origin;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Which settings make a stage fit into memory, of those that change no result beyond rounding, then of those that do. */
final class Fitting {
    private static final int LEAST_ROWS = 128;
    private static final double ADAPTED =
            1.05; // weights with an adapter, its gradients and moments, about, by the model's weights
    private static final String MICRO_BATCH = "micro_batch_tokens";
    private static final String CHECKPOINTING = "gradient_checkpointing";

    private final Function<ConfigValue.Entries, StageMemory> memory;
    private final ConfigValue.Entries keys;
    private final ModelSize size;
    private final StageMemory now;

    /**
     * @param memory of the stage with other keys
     * @param now with those that it has
     */
    Fitting(
            Function<ConfigValue.Entries, StageMemory> memory,
            ConfigValue.Entries keys,
            ModelSize size,
            StageMemory now) {
        this.memory = memory;
        this.keys = keys;
        this.size = size;
        this.now = now;
    }

    /** What to do, from a semicolon on. */
    String advice(long bound) {
        return rows(Map.of(), bound)
                .map(rows -> MICRO_BATCH + ": " + rows)
                .or(() -> rows(Map.of(CHECKPOINTING, "true"), bound)
                        .map(rows -> CHECKPOINTING + ": true"
                                + (rows < now.rows() ? " with " + MICRO_BATCH + ": " + rows : "")))
                .or(() -> adapter(bound))
                .map(setting -> "; this fits: " + setting)
                .orElse("; no setting of this model fits: take a smaller one");
    }

    /** The most rows that fit, a power of two or as many as now. */
    private Optional<Long> rows(Map<String, String> others, long bound) {
        for (long rows = now.rows(); rows >= Math.min(LEAST_ROWS, now.rows()); rows = Long.highestOneBit(rows - 1)) {
            Map<String, String> changed = new LinkedHashMap<>(others);
            changed.put(MICRO_BATCH, String.valueOf(rows));
            if (fits(memory.apply(with(changed)).all(), bound)) {
                return Optional.of(rows);
            }
        }
        return Optional.empty();
    }

    private Optional<String> adapter(long bound) {
        if (size.weights().isCompact()) {
            return Optional.empty();
        }
        long beside = now.all() - now.trained();
        if (fits((long) (ADAPTED * size.weightBytes()) + beside, bound)) {
            return Optional.of("adapter: {r: 16}, which trains little beside the model");
        }
        if (fits((long) (ADAPTED * size.weightBytes() / 2) + beside, bound)) {
            return Optional.of("adapter: {r: 16} with base_weights: bfloat16");
        }
        if (fits((long) (ADAPTED * size.weightBytes() / 4) + beside, bound)) {
            return Optional.of("adapter: {r: 16} with base_weights: int8");
        }
        return Optional.empty();
    }

    private boolean fits(long bytes, long bound) {
        return bytes + now.program() <= bound;
    }

    private ConfigValue.Entries with(Map<String, String> changed) {
        Map<String, ConfigValue> entries = new LinkedHashMap<>(keys.entries());
        changed.forEach((key, value) -> entries.put(key, new ConfigValue.Scalar(value, false, Origin.RUN_SEED)));
        return new ConfigValue.Entries(entries, Origin.RUN_SEED);
    }
}
