package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.Stage;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.pipeline.config.EffectiveConfig;
import java.util.List;
import java.util.Optional;

/**
 * A stage that is ready to run.
 *
 * @param name in the run file
 * @param type the name it is bound by
 * @param work the stage with its config
 * @param effective every key with its origin
 * @param seed its own, or derived from the run's and its name
 * @param inputs the earlier stages whose results it reads, in the order of the run file
 */
record PlannedStage(String name, String type, Work work, EffectiveConfig effective, long seed, List<String> inputs) {
    PlannedStage {
        inputs = List.copyOf(inputs);
    }

    /** A stage and the config that fits it. */
    interface Work {
        /** Runs it. */
        void run(StageContext context);

        /** Its config. */
        Record config();

        /** Its own checks before any stage runs. */
        void check();

        /** What the model that it makes will be like. */
        Optional<ModelOutline> outline();

        /** The format of the rows that it makes for later stages. */
        Optional<String> dataFormat();

        static <C extends Record> Work of(Stage<C> stage, C config) {
            return new Work() {
                @Override
                public void run(StageContext context) {
                    stage.run(config, context);
                }

                @Override
                public Record config() {
                    return config;
                }

                @Override
                public void check() {
                    stage.check(config);
                }

                @Override
                public Optional<ModelOutline> outline() {
                    return stage.outline(config);
                }

                @Override
                public Optional<String> dataFormat() {
                    return stage.dataFormat(config);
                }
            };
        }
    }
}
