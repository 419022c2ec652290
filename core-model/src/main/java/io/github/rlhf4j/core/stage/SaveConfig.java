package io.github.rlhf4j.core.stage;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.files.FloatType;
import io.github.rlhf4j.core.files.WeightFormat;

/**
 * How a stage writes the weights of its result. Checkpoints are float32 always.
 *
 * @param saveDtype float32 or bfloat16
 * @param maxShardSize a number with KB, MB, GB, KiB, MiB or GiB
 */
public record SaveConfig(SaveDtype saveDtype, String maxShardSize) implements ConfigGroup {
    /** Types of written weights, with Hugging Face's names. */
    public enum SaveDtype {
        FLOAT32(FloatType.F32),
        BFLOAT16(FloatType.BF16);

        private final FloatType type;

        SaveDtype(FloatType type) {
            this.type = type;
        }
    }

    /** Float32, 5 GB. */
    public static final SaveConfig DEFAULT = new SaveConfig(SaveDtype.FLOAT32, "5GB");

    public SaveConfig {
        checkConfig(
                WeightFormat.bytes(maxShardSize).isPresent(),
                "max_shard_size",
                maxShardSize,
                "must be a size such as 5GB or 200MiB");
    }

    /** What the writer is told. */
    public WeightFormat format() {
        return new WeightFormat(saveDtype.type, WeightFormat.bytes(maxShardSize).orElseThrow());
    }
}
