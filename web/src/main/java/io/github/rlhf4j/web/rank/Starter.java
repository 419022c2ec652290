package io.github.rlhf4j.web.rank;

import com.fasterxml.jackson.databind.JsonNode;

/** Starts a run as a process of its own. */
@FunctionalInterface
public interface Starter {
    /**
     * Checks a run file and starts it.
     *
     * @param text the run file
     * @return what the page is told, such as the run's folder
     * @throws io.github.rlhf4j.core.UserError where the run file has a mistake
     */
    JsonNode start(String text);
}
