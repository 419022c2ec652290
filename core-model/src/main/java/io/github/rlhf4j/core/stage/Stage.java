package io.github.rlhf4j.core.stage;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A stage of a run. Created by Guice with the services it needs; the config and the run's surroundings come with the call, so one object may serve several stages of one type.
 *
 * <p>Its defaults lie beside the class as {@code <type>-defaults.yaml}: every key that has a default, with its unit and source.
 *
 * @param <C> the config, a record that is valid once it exists. A component of type {@link ModelReference} is an input that may name an earlier stage
 */
public interface Stage<C extends Record> {
    /** The config's class, which the run file is bound to. */
    Class<C> configType();

    /**
     * The keys that parts of this stage declare beside those of the config record, such as a loss's own; what is given of them is the record's component of type {@link GivenKeys}. They may come from other
     * people's modules.
     */
    default List<ConfigKey<?>> keys() {
        return List.of();
    }

    /**
     * The same of a record in the config, such as an entry of {@code rewards}, whose keys may depend on what else it says.
     *
     * @param nested the record, which has a component of type {@link GivenKeys}
     * @param given its keys with plain values; empty where all keys that there may be are wanted
     */
    default List<ConfigKey<?>> keys(Class<?> nested, Map<String, String> given) {
        return List.of();
    }

    /**
     * What can be checked before any stage runs: files, formats, keys that would do nothing. Models of earlier stages may not exist yet.
     *
     * @throws io.github.rlhf4j.core.UserError naming key and value
     */
    default void check(C config) {}

    /** What the model that it makes will be like, as far as the config tells; later stages are checked against it. Called after {@link #check}. */
    default Optional<ModelOutline> outline(C config) {
        return Optional.empty();
    }

    /**
     * The format of the rows that it leaves in its folder {@code data} ({@link StageData}), by the name that the {@code format} of a dataset has: later stages read them by {@code dataset: <name of the stage>}.
     * Empty where it makes no dataset. Called after {@link #check}.
     */
    default Optional<String> dataFormat(C config) {
        return Optional.empty();
    }

    /** Runs it and leaves its results in {@code context.directory()}. */
    void run(C config, StageContext context);
}
