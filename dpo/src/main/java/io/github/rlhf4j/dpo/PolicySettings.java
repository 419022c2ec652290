package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.AdapterConfig;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.datasets.training.DataConfig;
import java.util.Optional;

/** What the configs of all stages have that train a policy beside a reference. */
interface PolicySettings {
    ModelReference model();

    DataConfig data();

    ReferenceConfig reference();

    RouterConfig routers();

    Optional<AdapterConfig> adapter();

    TrainingConfig training();
}
