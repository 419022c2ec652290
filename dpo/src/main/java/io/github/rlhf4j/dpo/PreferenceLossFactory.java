package io.github.rlhf4j.dpo;

import java.util.Set;

/** Makes a loss from the options of a run file; bound by name, so that others add losses beside the built-in ones. */
public interface PreferenceLossFactory {
    /**
     * The loss.
     *
     * @throws IllegalArgumentException naming key, value and range where an option is outside what this loss allows
     */
    PreferenceLoss create(LossOptions options);

    /** The keys of the run file that this loss reads; one that no loss of a run reads is reported as inert. */
    Set<String> keys();
}
