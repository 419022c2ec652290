package io.github.rlhf4j.filter;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.datasets.DatasetSpec;
import java.util.Optional;

/**
 * Rows whose address a crawler may not fetch.
 *
 * @param files the robots.txt of each host: rows with url and robots, a folder of HOST.txt, or a source of texts with the column host
 * @param agent the crawler's product token, such as GPTBot or CCBot
 * @param url the column with the row's address; absent: url
 */
public record RobotsConfig(DatasetSpec files, String agent, Optional<String> url) {
    public RobotsConfig {
        checkConfig(
                agent.matches("[A-Za-z0-9_.-]+"),
                "agent",
                agent,
                "must be a crawler's product token, such as GPTBot, without a version");
    }

    /** The column with the row's address. */
    String column() {
        return url.orElse("url");
    }
}
