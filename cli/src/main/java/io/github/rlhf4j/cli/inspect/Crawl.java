package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.filter.robots.RobotsFiles;
import java.util.List;

/**
 * Which crawlers are asked about.
 *
 * @param robots what each host allows
 * @param agents product tokens of crawlers
 */
public record Crawl(RobotsFiles robots, List<String> agents) {
    /** Nobody is asked about. */
    public static final Crawl NONE = new Crawl(new RobotsFiles(), List.of());
}
