package io.github.rlhf4j.cli;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.stage.CheckpointConfig;
import io.github.rlhf4j.core.stage.EvaluationConfig;
import io.github.rlhf4j.core.stage.LoopSettings;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.train.Stateful;
import io.github.rlhf4j.core.train.StepMetrics;
import io.github.rlhf4j.core.train.StepResult;
import io.github.rlhf4j.datasets.DatasetSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/** A stage whose model is a number: it grows by {@code rate} a step. */
final class ToyStage implements Stage<ToyStage.Config> {
    enum Trouble {
        NONE,
        CHECK,
        DATA,
        SELF_CHECK,
        BUG,
        HALFWAY,
        REMOVED,
        REMOVED_HALFWAY,
        SLOW,
        STUCK
    }

    record Config(
            Optional<ModelReference> model, Optional<DatasetSpec> dataset, int steps, double rate, Trouble trouble) {
        Config {
            checkConfig(steps >= 1, "steps", steps, "must be >= 1");
            checkConfig(rate > 0, "rate", rate, "must be > 0");
        }
    }

    private static final class Level implements Stateful {
        private double value;

        @Override
        public void save(ObjectNode state) {
            state.put("value", value);
        }

        @Override
        public void restore(ObjectNode state) {
            value = state.get("value").asDouble();
        }
    }

    private static boolean isSlow(Config config) {
        return config.trouble() == Trouble.SLOW || config.trouble() == Trouble.STUCK;
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public void check(Config config) {
        if (config.trouble() == Trouble.CHECK) {
            throw new UserError("trouble must not be check");
        }
    }

    @Override
    public void run(Config config, StageContext context) {
        if (config.trouble() == Trouble.DATA) {
            throw new UserError("data.jsonl:3 is malformed");
        }
        context.selfCheck("toy", config.trouble() != Trouble.SELF_CHECK, "1 = 1");
        Level level = new Level();
        context.register("level", level);
        context.show("loss", "loss");
        context.show("level", "level");
        context.train(
                LoopSettings.of(
                        config.steps(), 1, EvaluationConfig.AT_THE_END, CheckpointConfig.every(isSlow(config) ? 0 : 1)),
                step -> {
                    boolean halfway = config.trouble() == Trouble.HALFWAY && !context.resumed() && step == 3;
                    if (halfway || config.trouble() == Trouble.BUG) {
                        throw new IllegalStateException("a bug on\ntwo lines");
                    }
                    if (config.trouble() == Trouble.REMOVED_HALFWAY) {
                        AtomicFiles.delete(context.directory().resolve("..").normalize());
                        AtomicFiles.writeString(context.directory().resolve("messages.jsonl"), "");
                        throw new UncheckedIOException(new IOException("a log is gone"));
                    }
                    if (isSlow(config)) {
                        sleep(config.trouble() == Trouble.STUCK && step == 3 ? 60_000 : 20);
                    }
                    level.value += config.rate();
                    return new StepResult(1 / level.value, 1, config.rate(), 10, new StepMetrics());
                },
                () -> Map.of("level", level.value));
        if (config.trouble() == Trouble.REMOVED) {
            AtomicFiles.delete(context.directory().resolve("..").normalize());
        }
        context.sample(config.steps(), Map.of("prompt", "<b>", "text", "a & b"));
        context.provenance("toy", level.value);
        AtomicFiles.writeDirectory(context.directory().resolve("model"), model -> {
            String parent = config.model().map(ModelReference::given).orElse("none");
            AtomicFiles.writeString(model.resolve("level.txt"), level.value + " from " + parent + "\n");
        });
    }
}
