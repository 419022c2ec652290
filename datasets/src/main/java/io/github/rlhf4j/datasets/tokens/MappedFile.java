package io.github.rlhf4j.datasets.tokens;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file mapped read-only in overlapping windows, so that it may be larger than one buffer; safe for any number of threads. */
final class MappedFile {
    private static final long STRIDE = 1L << 30; // an item of up to STRIDE bytes is whole in the window where it begins

    private final long size;
    private final MappedByteBuffer[] windows;

    MappedFile(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            size = channel.size();
            windows = new MappedByteBuffer[(int) ((size + STRIDE - 1) / STRIDE)];
            for (int w = 0; w < windows.length; w++) {
                long start = w * STRIDE;
                long length = Math.min(size - start, Integer.MAX_VALUE);
                windows[w] = channel.map(FileChannel.MapMode.READ_ONLY, start, length);
            }
        }
    }

    long size() {
        return size;
    }

    /** The bytes from {@code position} on, little-endian; at least STRIDE of them or to the end. */
    ByteBuffer at(long position) {
        ByteBuffer window = windows[(int) (position / STRIDE)].duplicate().order(ByteOrder.LITTLE_ENDIAN);
        return window.position((int) (position % STRIDE));
    }
}
