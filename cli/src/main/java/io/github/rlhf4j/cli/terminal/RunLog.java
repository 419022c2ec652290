package io.github.rlhf4j.cli.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The lines of a run's terminal, with date and time, appended to its run.log; those that come before the file is known wait for it. A log that cannot be written ends nothing. */
final class RunLog {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    private final Clock clock;
    private final List<String> waiting = new ArrayList<>();
    private @Nullable Path file;

    RunLog(Clock clock) {
        this.clock = clock;
    }

    /** From now on, and for all that waits. */
    void open(Path newFile) {
        file = newFile;
        waiting.forEach(line -> append(newFile, line));
        waiting.clear();
    }

    void add(String line) {
        String timed = LocalDateTime.now(clock).format(TIME) + "  " + line + "\n";
        if (file == null) {
            waiting.add(timed);
        } else {
            append(file, timed);
        }
    }

    private static void append(Path file, String timed) {
        try {
            Files.writeString(
                    file,
                    timed,
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND,
                    LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            // the folder is gone after a mistake, the disk is full, or it is a link: the line is on the terminal
        }
    }
}
