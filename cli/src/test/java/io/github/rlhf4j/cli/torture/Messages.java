package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.cli.InProcess;

/** What a user reads when something goes wrong. */
final class Messages {
    private Messages() {}

    /** Whether the last line says it, without the name of an exception. */
    static boolean isOneLine(InProcess.Result done) {
        return done.lastLine().startsWith("rlhf4j")
                && !done.said().contains("\tat ")
                && !done.lastLine().matches(".*[A-Za-z](Exception|Error)\\b.*");
    }
}
