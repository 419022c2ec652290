package io.github.rlhf4j.web.runs;

import io.github.rlhf4j.web.lines.SoftlyKept;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The files of metrics that pages look at, each read once while there is memory for it. Of a long one that is not read yet there is a draft at once, while it is read: ten runs of 100,000 steps have 250 MB, and a page does not wait
 * for them.
 */
final class MetricFiles implements AutoCloseable {
    static final String METRICS = "metrics.jsonl";
    static final String TIMING = "timing.jsonl";

    private static final long SOON_READ = 2 << 20; // bytes that a question waits for
    private static final int READERS = 2;
    private static final long BEFORE_READING_MILLIS = 500; // in which a page has its drafts for itself

    private final SoftlyKept<MetricFile> files = new SoftlyKept<>(MetricFile::new);
    private final Map<Path, MetricFile> drafts = new ConcurrentHashMap<>(); // of those that are being read
    private final ScheduledExecutorService readers = Executors.newScheduledThreadPool(READERS, task -> {
        Thread thread = new Thread(task, "web-metrics");
        thread.setDaemon(true);
        return thread;
    });

    /** That of a stage's folder, with all that is in it now; a draft of it where that takes long. */
    MetricFile of(Path stage, String name) {
        Path path = stage.resolve(name);
        MetricFile file = files.of(path);
        if (file.unread() <= SOON_READ) {
            file.refresh();
            return file;
        }
        return drafts.computeIfAbsent(path, unread -> {
            readers.schedule(() -> read(file, unread), BEFORE_READING_MILLIS, TimeUnit.MILLISECONDS);
            return MetricFile.draft(unread);
        });
    }

    private void read(MetricFile file, Path path) {
        try {
            file.refresh();
        } finally {
            drafts.remove(path);
        }
    }

    @Override
    public void close() {
        readers.shutdownNow();
    }
}
