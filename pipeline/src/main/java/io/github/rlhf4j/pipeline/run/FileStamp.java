package io.github.rlhf4j.pipeline.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What tells, without reading a file, that it has not been written since: size, time of its last writing and of its last change. The last is the system's own
 * (ctime), which no program can set back.
 *
 * @param bytes its size
 * @param modified time of the last writing, to the nanosecond
 * @param changed time of the last change of content or attributes
 */
record FileStamp(long bytes, String modified, String changed) {
    private static final long LEAST_BYTES = 1 << 20; // smaller files are read faster than anything could go wrong
    private static final Duration TICK =
            Duration.ofMillis(50); // several of the clocks that file systems take times from

    /** The stamp, or null where it could not tell: for small files, just after a change, and where the system has no time of change. */
    static @Nullable FileStamp of(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            Object changed = Files.getAttribute(file, "unix:ctime");
            boolean isSettled = changed instanceof FileTime time
                    && time.toInstant().isBefore(Instant.now().minus(TICK));
            return attributes.size() < LEAST_BYTES || !isSettled
                    ? null
                    : new FileStamp(
                            attributes.size(), attributes.lastModifiedTime().toString(), changed.toString());
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return null;
        }
    }
}
