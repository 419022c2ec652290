package io.github.rlhf4j.ppo;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.util.Optional;

/**
 * PPO-ptx: texts whose likelihood is kept up.
 *
 * @param ptxDataset texts or demonstrations whose likelihood is kept up (PPO-ptx)
 * @param ptxCoef weight of that loss, > 0 with a ptx_dataset
 * @param ptxBatchSize examples of it in each mini-batch
 */
public record PretrainingConfig(Optional<DatasetSpec> ptxDataset, double ptxCoef, int ptxBatchSize)
        implements ConfigGroup {
    /** As in ppo-defaults.yaml. */
    public static final PretrainingConfig DEFAULT = new PretrainingConfig(Optional.empty(), 0, 0);

    public PretrainingConfig {
        checkConfig(
                ptxDataset.isPresent() == ptxCoef > 0,
                "ptx_coef",
                ptxCoef,
                "must be > 0 with a ptx_dataset and 0 without");
        checkConfig(
                ptxDataset.isPresent() == ptxBatchSize > 0,
                "ptx_batch_size",
                ptxBatchSize,
                "must be >= 1 with a ptx_dataset and 0 without");
    }
}
