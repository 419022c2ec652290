package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.RouterConfig;
import io.github.rlhf4j.core.stage.TrainingConfig;
import io.github.rlhf4j.core.stage.TuningConfig;
import io.github.rlhf4j.datasets.training.DataConfig;

/** What the configs of all stages have that train a policy beside a reference. */
interface PolicySettings {
    ModelReference model();

    DataConfig data();

    ReferenceConfig reference();

    RouterConfig routers();

    TuningConfig tuning();

    TrainingConfig training();
}
