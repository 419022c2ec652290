package io.github.rlhf4j.grpo;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The stage {@code rloo}: {@link RlooMethod} in a {@link GroupRun}. */
final class RlooStage implements Stage<RlooConfig> {
    private final GroupRun run;

    @Inject
    RlooStage(GroupRun run) {
        this.run = run;
    }

    @Override
    public Class<RlooConfig> configType() {
        return RlooConfig.class;
    }

    @Override
    public List<ConfigKey<?>> keys(Class<?> nested, Map<String, String> given) {
        return run.keys(nested, given);
    }

    @Override
    public void check(RlooConfig config) {
        run.check(config);
    }

    @Override
    public Optional<ModelOutline> outline(RlooConfig config) {
        return config.model().outline();
    }

    @Override
    public void run(RlooConfig config, StageContext context) {
        run.run(config, new RlooMethod(config), context);
    }
}
