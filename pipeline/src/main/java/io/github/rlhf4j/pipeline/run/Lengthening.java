package io.github.rlhf4j.pipeline.run;

import io.github.rlhf4j.core.stage.TrainingConfig;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** When a stage may be given more steps than it was begun with: where no step depends on how many follow it. */
final class Lengthening {
    private static final List<String> KEYS = List.of("max_steps", "num_train_epochs");

    /** Those that no step before the checkpoint depends on: a stage that has ended for a number may go on by skipping it. */
    private static final List<String> OF_NUMBERS = List.of("on_nonfinite", "loss_spike_sigma", "canary_steps");

    private Lengthening() {}

    /** Whether these changed keys are all about numbers that cannot be right, and there are some. */
    static boolean isOfNumbers(List<String> changedKeys) {
        return !changedKeys.isEmpty() && OF_NUMBERS.containsAll(changedKeys);
    }

    /** Whether these changed keys are all about the number of steps, and there are some. */
    static boolean isAll(List<String> changedKeys) {
        return !changedKeys.isEmpty() && KEYS.containsAll(changedKeys);
    }

    /** What is in the way, to follow a list of what has changed; empty where nothing is. */
    static Optional<String> obstacle(Record config) {
        Optional<TrainingConfig> training = Arrays.stream(config.getClass().getRecordComponents())
                .filter(component -> component.getType() == TrainingConfig.class)
                .findFirst()
                .map(component -> read(config, component));
        if (training.isEmpty()) {
            return Optional.of("");
        }
        return training.get().rate().choice().isIndependentOfSteps()
                ? Optional.empty()
                : Optional.of(", and its learning rates depend on the number of steps (lr_scheduler_type "
                        + training.get().rate().lrSchedulerType() + ", warmup_steps "
                        + training.get().rate().warmupSteps() + "), so that a longer run is another one");
    }

    private static TrainingConfig read(Record config, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return (TrainingConfig) component.getAccessor().invoke(config);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(config.getClass().getName(), e);
        }
    }
}
