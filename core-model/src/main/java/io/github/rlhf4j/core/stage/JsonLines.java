package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A file of one JSON object a line that is appended to. Numbers are in their shortest round-trip form on every JDK; each line is written at once.
 */
final class JsonLines implements AutoCloseable {
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                    .build())
            .build();

    private final AppendedFile file;
    private final Sha256 digest; // of what is in the file

    private JsonLines(AppendedFile file, Sha256 digest) {
        this.file = file;
        this.digest = digest;
    }

    /** Opens a file for appending, keeping its first {@code length} bytes. */
    static JsonLines open(Path file, long length) {
        return new JsonLines(AppendedFile.open(file, length), new Sha256().add(file));
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
        return file.isThere();
    }

    /** Appends one object. */
    void write(Map<String, ?> object) {
        try {
            ByteBuffer bytes =
                    ByteBuffer.wrap((MAPPER.writeValueAsString(object) + "\n").getBytes(StandardCharsets.UTF_8));
            digest.add(bytes.duplicate());
            file.write(bytes);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes so far, all on the disk when this returns. */
    long sync() {
        return file.sync();
    }

    @Override
    public void close() {
        file.close();
    }
}
