package io.github.rlhf4j;

import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;

/** Where messages go when no console is given: to the program's own logging, lines at level trace, so that a log that is not configured is quiet. Warnings go to standard error where there is no logging at all. */
final class LoggedConsole implements Console {
    private final Logger logger = LoggerFactory.getLogger(Rlhf4j.class);

    @Override
    public void line(String line) {
        logger.trace("{}", line);
    }

    @Override
    public void warning(String line) {
        if (logger instanceof NOPLogger) {
            System.err.println("RLHF4J: " + line);
        } else {
            logger.warn("{}", line);
        }
    }

    @Override
    public Progress progress(String what, long total, String unit) {
        return Progress.NONE;
    }
}
