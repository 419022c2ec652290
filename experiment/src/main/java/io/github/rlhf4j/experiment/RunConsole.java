package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.stage.Console;
import io.github.rlhf4j.core.stage.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What one run of many says: all of it in its run.log, and to the person who watches only what a stage came to. */
final class RunConsole implements Console {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    private final Clock clock = Clock.systemDefaultZone();
    private final Console parent;
    private final boolean isAlone;
    private final List<String> kept = new ArrayList<>();
    private Optional<Path> log = Optional.empty();
    private String label = "";

    /** @param isAlone whether no other run is made at the same time, so that its progress can be shown */
    RunConsole(Console parent, boolean isAlone) {
        this.parent = parent;
        this.isAlone = isAlone;
    }

    /** A run begins. */
    synchronized void begin(String ofRun) {
        label = isAlone ? "" : ofRun + ": ";
        kept.clear();
        log = Optional.empty();
    }

    @Override
    public synchronized void line(String line) {
        keep(line);
        if (line.matches("\\[\\S+\\] (done in|complete, reused|.*continues from).*")) {
            parent.line("  " + label + line);
        }
    }

    @Override
    public synchronized void warning(String line) {
        keep("warning: " + line);
        parent.warning(label + line);
    }

    @Override
    public Progress progress(String what, long total, String unit) {
        return isAlone ? parent.progress(what, total, unit) : Progress.NONE;
    }

    @Override
    public synchronized void logTo(Path file) {
        log = Optional.of(file);
        append(file, kept);
        kept.clear();
    }

    private void keep(String line) {
        String timed = LocalDateTime.now(clock).format(TIME) + "  " + line;
        log.ifPresentOrElse(file -> append(file, List.of(timed)), () -> kept.add(timed));
    }

    private static void append(Path file, List<String> lines) {
        try {
            Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            // the folder is gone after a mistake, or the disk is full: what matters is said elsewhere
        }
    }
}
