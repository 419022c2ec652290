package io.github.rlhf4j.cli.bench;

import java.util.Map;

/** What a measurement came to. */
public interface BenchResult {
    /** What a person reads. */
    String text();

    /** What a program reads: seconds, FLOP, bytes and rates in plain units. */
    Map<String, Object> json();
}
