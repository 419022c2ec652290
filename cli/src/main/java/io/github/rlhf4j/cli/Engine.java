package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.stage.Console;

/** The engine of a command: with the modules that are on the class path. */
final class Engine {
    private Engine() {}

    /** For commands that compute nothing. */
    static Rlhf4j open(Console console) {
        return builder(console).build();
    }

    static Rlhf4j.Builder builder(Console console) {
        ClassPathEntries.check();
        return Rlhf4j.builder().classPathModules().console(console);
    }
}
