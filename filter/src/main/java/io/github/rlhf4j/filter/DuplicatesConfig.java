package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.filter.duplicates.DuplicateFinder;
import java.util.Optional;

/**
 * Rows that are like an earlier one.
 *
 * @param exactDedup whether rows with the text of an earlier one go
 * @param minhash near duplicates; absent: they stay
 */
public record DuplicatesConfig(boolean exactDedup, Optional<MinHashConfig> minhash) implements ConfigGroup {
    /** All stay. */
    public static final DuplicatesConfig NONE = new DuplicatesConfig(false, Optional.empty());

    /** Whether rows are compared. */
    boolean isOn() {
        return exactDedup || minhash.isPresent();
    }

    /** Hashes of a row. */
    int width() {
        return DuplicateFinder.TEXT_COLUMNS
                + minhash.map(MinHashConfig::buckets).orElse(0);
    }
}
