package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One JSON object a line; lines end with LF or CR LF, blank lines are skipped. */
final class JsonLinesRows extends OneAheadRows {
    private final Path path;
    private final InputStream input;
    private final RowLimit rowLimit;
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int limit;
    private long line;
    private boolean ended;

    JsonLinesRows(Path path, InputStream input, RowLimit rowLimit) {
        this.path = path;
        this.rowLimit = rowLimit;
        this.input = input;
    }

    @Override
    @Nullable
    Row read() {
        while (!ended) {
            String text = readLine();
            if (!text.isBlank()) {
                return parse(text);
            }
        }
        return null;
    }

    private Row parse(String text) {
        try {
            return new Row(path.toString(), line, StrictJson.object(path, line, StrictJson.MAPPER.readTree(text)));
        } catch (JsonProcessingException e) {
            throw StrictJson.invalid(path, line, e);
        }
    }

    private String readLine() {
        line++;
        try {
            ByteArrayOutputStream start =
                    new ByteArrayOutputStream(0); // of a line that is longer than what is buffered
            int end = lineFeed();
            while (end == limit) {
                start.write(buffer, position, limit - position);
                if (start.size() > rowLimit.bytes()) {
                    throw rowLimit.rowTooLong(path, line, "the line");
                }
                if (!fill()) {
                    return decode(start.toByteArray(), 0, start.size());
                }
                end = lineFeed();
            }
            int from = position;
            int length = end - from;
            position = end + 1;
            if (start.size() == 0) {
                return decode(buffer, from, length);
            }
            start.write(buffer, from, length);
            return decode(start.toByteArray(), 0, start.size());
        } catch (CharacterCodingException e) {
            throw DataFile.notUtf8(path, line, e);
        } catch (IOException e) {
            throw DataFile.unreadable(path, line, e);
        }
    }

    /** Where the next line feed of the buffer is; its limit where there is none. */
    private int lineFeed() {
        int at = position;
        while (at < limit && buffer[at] != '\n') {
            at++;
        }
        return at;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, input.read(buffer));
        ended = limit == 0;
        return !ended;
    }

    private static String decode(byte[] bytes, int from, int length) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes, from, length))
                .toString();
    }

    @Override
    public void close() {
        try {
            input.close();
        } catch (IOException e) {
            throw DataFile.unreadable(path, line, e);
        }
    }
}
