package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.stage.ConfigKey;
import java.util.List;
import java.util.function.Function;

/**
 * Makes a loss from the options of a run file; bound by name, so that others add losses beside the built-in ones.
 *
 * <p>A loss's own hyper-parameters are keys that its factory declares. That is all there is to do: the run file, range errors, {@code help dpo} and editors know them by it.
 */
@FunctionalInterface
public interface PreferenceLossFactory {
    /**
     * The loss.
     *
     * @throws IllegalArgumentException naming key, value and range where an option is outside what this loss allows
     */
    PreferenceLoss create(LossOptions options);

    /** The keys beside beta that this loss reads; one that no loss of a run reads is a mistake to give. Losses that share a key share its declaration. */
    default List<ConfigKey<?>> keys() {
        return List.of();
    }

    /** A factory of a loss that reads these keys beside beta. */
    static PreferenceLossFactory of(Function<LossOptions, ? extends PreferenceLoss> create, ConfigKey<?>... keys) {
        List<ConfigKey<?>> declared = List.of(keys);
        return new PreferenceLossFactory() {
            @Override
            public PreferenceLoss create(LossOptions options) {
                return create.apply(options);
            }

            @Override
            public List<ConfigKey<?>> keys() {
                return declared;
            }
        };
    }
}
