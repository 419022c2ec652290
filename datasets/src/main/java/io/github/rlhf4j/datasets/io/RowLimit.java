package io.github.rlhf4j.datasets.io;

import io.github.rlhf4j.core.UserError;
import java.nio.file.Path;

/**
 * How much of a file one row may be, so that a file of one endless line is a message and not the end of the memory.
 *
 * @param bytes of a row, or characters of a text
 */
public record RowLimit(int bytes) {
    /** 64 MiB. */
    public static final RowLimit USUAL = new RowLimit(64 << 20);

    UserError tooLong(Path path, long line, String what, String next) {
        return new UserError("%s line %d: %s is longer than %d MiB, the most that is read; %s"
                .formatted(path, line, what, bytes >> 20, next));
    }

    UserError rowTooLong(Path path, long line, String what) {
        return tooLong(path, line, what, "is the file of the format that its name says?");
    }
}
