package io.github.rlhf4j.tracking;

import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.util.List;

/** Makes the trackers of one name, one for each run. */
public interface TrackerFactory {
    /** The keys that it has in {@code report_to: [{name: {key: value}}]}. */
    default List<ConfigKey<?>> keys() {
        return List.of();
    }

    /**
     * What can be checked before the run.
     *
     * @throws io.github.rlhf4j.core.stage.ConfigException naming the key
     */
    default void check(GivenKeys given) {}

    /**
     * The tracker of a run, made when its first stage begins.
     *
     * @throws io.github.rlhf4j.core.UserError where it cannot be, such as for a port that is taken: the run does not start
     */
    Tracker open(TrackedRun run, GivenKeys given);
}
