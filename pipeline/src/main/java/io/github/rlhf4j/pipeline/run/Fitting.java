package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.Origin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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
        List<String> fitting = new ArrayList<>();
        rows(Map.of(), bound).ifPresent(rows -> fitting.add(MICRO_BATCH + ": " + rows));
        if (fitting.isEmpty()) {
            rows(Map.of(CHECKPOINTING, "true"), bound)
                    .ifPresent(rows -> fitting.add(CHECKPOINTING + ": true"
                            + (rows < now.rows() ? " with " + MICRO_BATCH + ": " + rows : "")));
        }
        if (fitting.isEmpty() && size.weights().isCompact()) {
            return "; no setting of this model fits: take a smaller one";
        }
        if (fitting.isEmpty()) {
            adapter(bound, fitting);
        }
        return fitting.isEmpty()
                ? "; no setting of this model fits: take a smaller one"
                : "; this fits: " + fitting.get(0);
    }

    /** The most rows that fit, a power of two or as many as now. */
    private OptionalLong rows(Map<String, String> others, long bound) {
        for (long rows = now.rows(); rows >= Math.min(LEAST_ROWS, now.rows()); rows = Long.highestOneBit(rows - 1)) {
            Map<String, String> changed = new LinkedHashMap<>(others);
            changed.put(MICRO_BATCH, String.valueOf(rows));
            if (fits(memory.apply(with(changed)).all(), bound)) {
                return OptionalLong.of(rows);
            }
        }
        return OptionalLong.empty();
    }

    private void adapter(long bound, List<String> fitting) {
        long beside = now.all() - now.trained();
        if (fits((long) (ADAPTED * size.weightBytes()) + beside, bound)) {
            fitting.add("adapter: {r: 16}, which trains little beside the model");
        } else if (fits((long) (ADAPTED * size.weightBytes() / 2) + beside, bound)) {
            fitting.add("adapter: {r: 16} with base_weights: bfloat16");
        } else if (fits((long) (ADAPTED * size.weightBytes() / 4) + beside, bound)) {
            fitting.add("adapter: {r: 16} with base_weights: int8");
        }
    }

    private static boolean fits(long bytes, long bound) {
        return bytes + ModelSize.PROGRAM_BYTES <= bound;
    }

    private ConfigValue.Entries with(Map<String, String> changed) {
        Map<String, ConfigValue> entries = new LinkedHashMap<>(keys.entries());
        changed.forEach((key, value) -> entries.put(key, new ConfigValue.Scalar(value, false, Origin.RUN_SEED)));
        return new ConfigValue.Entries(entries, Origin.RUN_SEED);
    }
}
