package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * A file of one JSON object a line that is appended to. Numbers are in their shortest round-trip form on every JDK; each line is written at once.
 */
public final class JsonLines implements AutoCloseable {
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                    .build())
            .build();

    private final Path file;
    private final FileChannel channel;
    private final Sha256 digest; // of what is in the file

    private JsonLines(Path file, FileChannel channel, Sha256 digest) {
        this.file = file;
        this.channel = channel;
        this.digest = digest;
    }

    /** Opens a file for appending, keeping its first {@code length} bytes. */
    public static JsonLines open(Path file, long length) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            channel.truncate(length);
            channel.position(Math.min(length, channel.size()));
            return new JsonLines(file, channel, new Sha256().add(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /**
     * Opens a file for appending after the content that it had once.
     *
     * @param sha256 of the first {@code length} bytes; empty where it is not known
     * @throws UserError when the file does not begin with that content; it is left as it is
     */
    static JsonLines reopen(Path file, long length, String sha256) {
        try {
            if (length == 0
                    || Files.isRegularFile(file)
                            && Files.size(file) >= length
                            && (sha256.isEmpty()
                                    || new Sha256().add(file, length).hex().equals(sha256))) {
                return open(file, length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        throw new UserError(file + " is gone or has been changed since its last checkpoint was written (" + length
                + " bytes, SHA-256 " + sha256 + "); put it back, or run the stage again with --from");
    }

    /** SHA-256 of everything in the file. */
    String sha256Hex() {
        return digest.hexSoFar();
    }

    /** Whether the file is still there with everything that was written. */
    boolean isThere() {
        try {
            return Files.isRegularFile(file) && Files.size(file) >= channel.position();
        } catch (IOException e) {
            return false;
        }
    }

    /** Appends one object. */
    public void write(Map<String, ?> object) {
        try {
            String line = MAPPER.writeValueAsString(object) + "\n";
            ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
            digest.add(bytes.duplicate());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes so far, all on the disk when this returns. */
    public long sync() {
        try {
            channel.force(false);
            return channel.position();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
