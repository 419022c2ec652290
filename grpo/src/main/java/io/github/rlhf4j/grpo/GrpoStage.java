package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The stage {@code grpo}: {@link GrpoMethod} in a {@link GroupRun}. */
final class GrpoStage implements Stage<GrpoConfig> {
    private final GroupRun run;

    @Inject
    GrpoStage(GroupRun run) {
        this.run = run;
    }

    @Override
    public Class<GrpoConfig> configType() {
        return GrpoConfig.class;
    }

    @Override
    public List<ConfigKey<?>> keys(Class<?> nested, Map<String, String> given) {
        return run.keys(nested, given);
    }

    @Override
    public void check(GrpoConfig config) {
        run.check(config);
    }

    @Override
    public Optional<ModelOutline> outline(GrpoConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(GrpoConfig config, StageContext context) {
        run.run(config, new GrpoMethod(config), context);
    }
}
