package io.github.rlhf4j.core.files;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.math.HalfFloats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** One open safetensors file. */
final class SafetensorsFile implements AutoCloseable {
    private static final int CHUNK = 1 << 20; // bytes converted at a time

    private final Path path;
    private final FileChannel channel;
    private final SafetensorsHeader header;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK).order(ByteOrder.LITTLE_ENDIAN);

    SafetensorsFile(Path path) {
        this.path = path;
        @Nullable FileChannel opened = null;
        try {
            opened = FileChannel.open(path, StandardOpenOption.READ);
            channel = opened;
            header = SafetensorsHeader.read(path, channel);
        } catch (IOException e) {
            closeQuietly(opened);
            throw new UserError(path + " cannot be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            closeQuietly(opened);
            throw e;
        }
    }

    Path path() {
        return path;
    }

    SafetensorsHeader header() {
        return header;
    }

    /** Fills {@code out} with numbers of a tensor from {@code first} on, in row-major order. */
    synchronized void read(FloatBuffer out, SafetensorsHeader.Entry entry, FloatType type, long first) {
        long position = entry.begin() + first * type.bytes();
        while (out.hasRemaining()) {
            chunk.clear().limit((int) Math.min(CHUNK, (long) out.remaining() * type.bytes()));
            fillChunk(position);
            position += chunk.remaining();
            convert(out, type);
        }
    }

    private void fillChunk(long position) {
        try {
            while (chunk.hasRemaining()) {
                if (channel.read(chunk, position + chunk.position()) < 0) {
                    throw new UserError(path + " became shorter while it was read");
                }
            }
        } catch (IOException e) {
            throw new UserError(path + " cannot be read: " + e.getMessage(), e);
        }
        chunk.flip();
    }

    private void convert(FloatBuffer out, FloatType type) {
        switch (type) {
            case F32 -> out.put(chunk.asFloatBuffer());
            case F64 -> {
                while (chunk.hasRemaining()) {
                    out.put((float) chunk.getDouble());
                }
            }
            case F16 -> {
                ShortBuffer bits = chunk.asShortBuffer();
                while (bits.hasRemaining()) {
                    out.put(HalfFloats.fromFloat16(bits.get()));
                }
            }
            case BF16 -> {
                ShortBuffer bits = chunk.asShortBuffer();
                while (bits.hasRemaining()) {
                    out.put(HalfFloats.fromBfloat16(bits.get()));
                }
            }
        }
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // nothing was written, so nothing is lost
        }
    }
}
