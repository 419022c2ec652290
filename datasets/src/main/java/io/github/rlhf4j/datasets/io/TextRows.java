package io.github.rlhf4j.datasets.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The documents of a file of raw text, each a row with the column {@code text}: the whole file, or what is between separators. Documents of white space alone are skipped; line ends CR LF
 * become LF, as Python reads text.
 */
final class TextRows extends OneAheadRows {
    private final Path path;
    private final Utf8Reader reader;
    private final String separator;
    private final RowLimit limit;
    private long line = 1; // of the next character
    private boolean isEnded;

    /** @param separator of documents; empty: the file is one document */
    TextRows(Path path, InputStream input, String separator, RowLimit limit) {
        this.limit = limit;
        this.path = path;
        this.reader = new Utf8Reader(input);
        this.separator = separator;
    }

    @Override
    @Nullable
    Row read() {
        while (!isEnded) {
            Row row = readDocument();
            if (row != null) {
                return row;
            }
        }
        return null;
    }

    /** The next document; null where it is blank. */
    private @Nullable Row readDocument() {
        long start = line;
        try {
            String text = document();
            return text.isBlank()
                    ? null
                    : new Row(
                            path.toString(),
                            start,
                            StrictJson.MAPPER.createObjectNode().put("text", text));
        } catch (CharacterCodingException e) {
            throw DataFile.notUtf8(path, line, e);
        } catch (IOException e) {
            throw DataFile.unreadable(path, line, e);
        }
    }

    private String document() throws IOException {
        long start = line;
        StringBuilder text = new StringBuilder();
        char last = separator.isEmpty() ? 0 : separator.charAt(separator.length() - 1);
        while (true) {
            int c = reader.read();
            if (c == Utf8Reader.END) {
                isEnded = true;
                return text.toString();
            }
            if (c == '\n') {
                line++;
                if (!text.isEmpty() && text.charAt(text.length() - 1) == '\r') {
                    text.setLength(text.length() - 1);
                }
            }
            text.append((char) c);
            if (text.length() > limit.bytes()) {
                throw limit.tooLong(
                        path,
                        start,
                        "a document",
                        "name a text between documents, as in separator: \"<|endoftext|>\", or cut the file into several");
            }
            if (c == last && endsWithSeparator(text)) {
                text.setLength(text.length() - separator.length());
                return text.toString();
            }
        }
    }

    private boolean endsWithSeparator(StringBuilder text) {
        int start = text.length() - separator.length();
        for (int i = 0; i < separator.length(); i++) {
            if (start < 0 || text.charAt(start + i) != separator.charAt(i)) {
                return false;
            }
        }
        return !separator.isEmpty();
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
