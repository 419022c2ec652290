package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.github.rlhf4j.core.UserError;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** One JSON object a line; lines end with LF or CR LF, blank lines are skipped. */
final class JsonLinesRows implements RowSource {
    private final Path path;
    private final InputStream input;
    private long line;
    private boolean ended;
    private @Nullable Row next;

    JsonLinesRows(Path path, InputStream input) {
        this.path = path;
        this.input = input;
    }

    @Override
    public boolean hasNext() {
        while (next == null && !ended) {
            String text = readLine();
            if (!text.isBlank()) {
                next = parse(text);
            }
        }
        return next != null;
    }

    @Override
    public Row next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        Row row = next;
        next = null;
        return row;
    }

    private Row parse(String text) {
        try {
            return new Row(line, StrictJson.object(path, line, StrictJson.MAPPER.readTree(text)));
        } catch (JsonProcessingException e) {
            throw StrictJson.invalid(path, line, e);
        }
    }

    private String readLine() {
        line++;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            int value = input.read();
            while (value >= 0 && value != '\n') {
                bytes.write(value);
                value = input.read();
            }
            ended = value < 0;
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UserError(path + " line " + line + ": not valid UTF-8; convert the file to UTF-8", e);
        } catch (EOFException e) {
            throw new UserError(
                    path + " line " + line + ": the compressed data ends here; the file is cut off: fetch it again", e);
        } catch (IOException e) {
            throw DatasetFile.unreadable(path, line, e);
        }
    }

    @Override
    public void close() {
        try {
            input.close();
        } catch (IOException e) {
            throw DatasetFile.unreadable(path, line, e);
        }
    }
}
