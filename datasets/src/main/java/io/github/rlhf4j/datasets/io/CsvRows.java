package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a CSV file (RFC 4180) whose first record names the columns. A field in quotes may hold line ends, separators and doubled quotes. All values are texts, but for a list of
 * objects in JSON, {@code [{...}, ...]}, which is one: how messages stand in CSV. Blank lines are skipped.
 */
final class CsvRows extends OneAheadRows {
    private static final int END = Utf8Reader.END;

    private final Path path;
    private final char separator;
    private final RowLimit limit;
    private final Utf8Reader reader;
    private final List<String> header;
    private long line = 1; // of the next character
    private long start = 1; // of the present record
    private int length; // of it

    CsvRows(Path path, InputStream input, char separator, RowLimit limit) {
        this.limit = limit;
        this.path = path;
        this.separator = separator;
        this.reader = new Utf8Reader(input);
        this.header = readRecord();
        Set<String> names = new TreeSet<>();
        for (String name : header) {
            if (!names.add(name)) {
                throw new UserError(path + " line 1: the column \"" + Printable.line(name) + "\" is there twice");
            }
        }
    }

    @Override
    @Nullable
    Row read() {
        List<String> fields = readRecord();
        if (fields.isEmpty()) {
            return null;
        }
        if (fields.size() != header.size()) {
            throw new UserError(
                    "%s line %d: has %d fields, but the first line names %d columns; a field with a \"%s\" in it must be in quotes"
                            .formatted(path, start, fields.size(), header.size(), separator));
        }
        ObjectNode columns = StrictJson.MAPPER.createObjectNode();
        for (int i = 0; i < fields.size(); i++) {
            columns.set(header.get(i), value(fields.get(i)));
        }
        return new Row(path.toString(), start, columns);
    }

    private static JsonNode value(String field) {
        if (field.startsWith("[{") && field.endsWith("}]")) {
            try {
                return StrictJson.MAPPER.readTree(field);
            } catch (JsonProcessingException e) {
                return StrictJson.MAPPER.getNodeFactory().textNode(field); // a text after all
            }
        }
        return StrictJson.MAPPER.getNodeFactory().textNode(field);
    }

    /** The fields of the next record that is not blank; none at the end. */
    private List<String> readRecord() {
        try {
            List<String> fields = new ArrayList<>();
            int last = '\n';
            do {
                start = line;
                length = 0;
                fields.clear();
                do {
                    StringBuilder field = new StringBuilder();
                    last = readField(field);
                    fields.add(field.toString());
                } while (last == separator);
            } while (last != END && isBlank(fields));
            return isBlank(fields) ? List.of() : fields;
        } catch (CharacterCodingException e) {
            throw DataFile.notUtf8(path, line, e);
        } catch (IOException e) {
            throw DataFile.unreadable(path, line, e);
        }
    }

    private static boolean isBlank(List<String> fields) {
        return fields.size() == 1 && fields.get(0).isBlank();
    }

    /** Reads one field and returns what ended it: the separator, a line feed or {@link #END}. */
    private int readField(StringBuilder field) throws IOException {
        int next = readCharacter();
        if (next == '"') {
            next = readQuoted(field);
            if (next == '\r') {
                next = readCharacter();
            }
            if (next != separator && next != '\n' && next != END) {
                throw new UserError(path + " line " + line + ": after a closing quote there must be a separator or the "
                        + "end of the line; a quote in a quoted field is written twice");
            }
            return next;
        }
        while (next != separator && next != '\n' && next != END) {
            field.append((char) next);
            next = readCharacter();
        }
        if (next != separator && field.length() > 0 && field.charAt(field.length() - 1) == '\r') {
            field.setLength(field.length() - 1);
        }
        return next;
    }

    /** Reads what follows an opening quote and returns the character after the closing one. */
    private int readQuoted(StringBuilder field) throws IOException {
        long opened = line;
        for (int next = readCharacter(); next != END; next = readCharacter()) {
            if (next != '"') {
                field.append((char) next);
                continue;
            }
            int following = readCharacter();
            if (following != '"') {
                return following;
            }
            field.append('"');
        }
        throw new UserError(path + " line " + opened + ": a quote that opens here is never closed");
    }

    private int readCharacter() throws IOException {
        int next = reader.read();
        line += next == '\n' ? 1 : 0;
        if (++length > limit.bytes()) {
            throw limit.rowTooLong(path, start, "the row");
        }
        return next;
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw DataFile.unreadable(path, line, e);
        }
    }
}
