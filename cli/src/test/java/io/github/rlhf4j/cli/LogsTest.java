package io.github.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What libraries and servers log may have texts of others in it. */
class LogsTest {
    private static String logged(String message, Throwable thrown) throws Exception {
        LoggerContext context = new LoggerContext();
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Objects.requireNonNull(LogsTest.class.getResource("/logback.xml")));
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        ConsoleAppender<ILoggingEvent> appender = (ConsoleAppender<ILoggingEvent>) root.getAppender("err");
        LoggingEvent event = new LoggingEvent("x", context.getLogger("a.B"), Level.ERROR, message, thrown, null);
        String text = new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
        context.stop();
        return text;
    }

    @Test
    void aLogSteersNoTerminal() throws Exception {
        String text = logged(
                "caf\u00e9 \u001b[2J\u009b31m\rall is well\n", new IllegalStateException("\u001b]0;title\u0007"));
        assertThat(text.lines())
                .startsWith(
                        "ERROR a.B: caf\u00e9 ?[2J?31m?all is well", "", "java.lang.IllegalStateException: ?]0;title?")
                .anyMatch(line -> line.startsWith("\tat "));
    }
}
