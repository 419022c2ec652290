package io.github.rlhf4j.ranking;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lines of JSON in a file that only grows. A line is on the disk when {@link #append} returns, so a process that is killed then loses nothing; half a line, which was never acknowledged, is cut off when the file is opened
 * again. One object for a file; not thread-safe.
 */
public final class AppendLog implements AutoCloseable {
    /** Of all files of a project. */
    static final ObjectMapper MAPPER = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Path file;
    private final FileChannel channel;
    private final List<StoredJson> read;

    private AppendLog(Path file, FileChannel channel, List<StoredJson> read) {
        this.file = file;
        this.channel = channel;
        this.read = read;
    }

    /**
     * Opens a file, or begins it.
     *
     * @throws UserError where it cannot be written, or one of its whole lines is no JSON object
     */
    public static AppendLog open(Path file) {
        try {
            boolean isNew = !Files.exists(file);
            Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow();
            AtomicFiles.createDirectories(folder);
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                List<StoredJson> lines = read(file, channel);
                if (isNew) {
                    channel.force(true);
                    AtomicFiles.forceDirectory(folder);
                }
                return new AppendLog(file, channel, lines);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UserError(file + " cannot be opened: " + e.getMessage(), e);
        }
    }

    private static List<StoredJson> read(Path file, FileChannel channel) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int whole = bytes.length;
        while (whole > 0 && bytes[whole - 1] != '\n') {
            whole--;
        }
        List<StoredJson> lines = new ArrayList<>();
        int begin = 0;
        int line = 0;
        for (int at = 0; at < whole; at++) {
            if (bytes[at] == '\n') {
                line++;
                if (at > begin) {
                    lines.add(parse(file + " line " + line, bytes, begin, at - begin));
                }
                begin = at + 1;
            }
        }
        channel.truncate(whole);
        channel.position(whole);
        return lines;
    }

    private static StoredJson parse(String place, byte[] bytes, int begin, int length) throws IOException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, begin, length))
                    .toString();
            if (MAPPER.readTree(text) instanceof ObjectNode object) {
                return new StoredJson(place, object);
            }
        } catch (JsonProcessingException | CharacterCodingException e) {
            throw new UserError(
                    place + " is no JSON in UTF-8, so the file is damaged; remove the line, or take a copy", e);
        }
        throw new UserError(place + " must be a JSON object, but is none; remove the line, or take a copy");
    }

    /** The lines that were there when it was opened. */
    public List<StoredJson> linesAtOpening() {
        return List.copyOf(read);
    }

    /**
     * Adds lines together; they are on the disk when this returns.
     *
     * @throws UserError where they cannot be written; the file is as it was then
     */
    public void append(List<? extends JsonNode> lines) {
        StringBuilder text = new StringBuilder();
        lines.forEach(line -> text.append(line).append('\n'));
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text.toString());
        try {
            long before = channel.position();
            try {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(false);
            } catch (IOException e) {
                channel.truncate(before);
                channel.position(before);
                throw e;
            }
        } catch (IOException e) {
            throw new UserError("nothing was saved, since " + file + " cannot be written: " + e.getMessage(), e);
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
