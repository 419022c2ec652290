package io.github.rlhf4j.tracking;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The whole lines of a file that grows, from its begin, some at a time; a line counts as read when {@link #done} has been called. */
final class AppendedLines {
    private static final int MOST_BYTES = 1 << 20; // at a time, but one line at least

    private final Path file;
    private long done; // bytes
    private long read;

    AppendedLines(Path file) {
        this.file = file;
    }

    /** Lines after those that are done; none where there are no more. */
    List<String> more() throws IOException {
        read = done;
        if (!Files.isRegularFile(file)) {
            return List.of();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int end = 0; // of the last whole line
        try (RandomAccessFile reader = new RandomAccessFile(file.toFile(), "r")) {
            reader.seek(done);
            byte[] block = new byte[MOST_BYTES];
            for (int n = reader.read(block); n > 0 && end == 0; n = reader.read(block)) {
                for (int i = 0; i < n; i++) {
                    if (block[i] == '\n') {
                        end = bytes.size() + i + 1;
                    }
                }
                bytes.write(block, 0, n);
            }
        }
        read = done + end;
        return new String(bytes.toByteArray(), 0, end, StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    /** What {@link #more} gave last is dealt with. */
    void done() {
        done = read;
    }
}
