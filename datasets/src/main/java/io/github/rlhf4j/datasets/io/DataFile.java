package io.github.rlhf4j.datasets.io;

import com.github.luben.zstd.ZstdInputStream;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.Sha256;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/** A file of rows. What it is and how it is compressed is seen from its first bytes; CSV, which has none of its own, from its name. */
public final class DataFile {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int BLANKS_BEFORE_AN_ARRAY = 1 << 10;
    private static final Pattern OBJECT_BEGIN = Pattern.compile("\\{\\s*\"[^\"\\\\]*\"\\s*:");
    private static final int BYTE_ORDER_MARK_BYTES = 3;

    private final Path path;

    DataFile(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new UserError(
                    "dataset file " + path
                            + " is not a regular file; datasets are read more than once, so write what a pipe or a device gives to a file first");
        }
        if (!Files.isReadable(path)) {
            throw new UserError("dataset file " + path + " cannot be read; check its permissions");
        }
        this.path = path;
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** Its size. */
    public long bytes() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw unreadable(path, 1, e);
        }
    }

    /**
     * Its rows: those of a Parquet or CSV file, the texts of a web archive (WARC, WET), the documents of raw text, a JSON array's elements where the first character is {@code [}, else one object a line.
     *
     * <p>Raw text is what is named .txt or .md, unless it begins as JSON lines do, and what a separator is given for.
     */
    public RowSource rows(ReadOptions options) {
        if (isParquet()) {
            requireNoSeparator(options, "a Parquet file");
            return new ParquetRows(path, options.wanted());
        }
        PeekInput input = open();
        return new CountedRows(rows(input, options), input);
    }

    private void requireNoSeparator(ReadOptions options, String what) {
        if (!options.separator().isEmpty()) {
            throw new UserError("dataset.separator is for raw text, but " + path + " is " + what);
        }
    }

    private RowSource rows(PeekInput input, ReadOptions options) {
        try {
            if (startsWith(input.peek(5), 'W', 'A', 'R', 'C', '/')) {
                requireNoSeparator(options, "a web archive");
                return new WarcRows(path, input, options.limit(), options.workers());
            }
            skipByteOrderMark(input);
            String name = path.toString().toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|zst)$", "");
            if (!options.separator().isEmpty() || (isText(name) && !beginsAsJsonLines(input))) {
                return new TextRows(path, input, options.separator(), options.limit());
            }
            if (name.endsWith(".csv") || name.endsWith(".tsv")) {
                return new CsvRows(path, input, name.endsWith(".csv") ? ',' : '\t', options.limit());
            }
            return firstCharacter(input) == '['
                    ? new JsonArrayRows(path, input, options.limit())
                    : new JsonLinesRows(path, input, options.limit());
        } catch (IOException e) {
            throw unreadable(path, 1, e);
        }
    }

    void addTo(Sha256 digest) {
        digest.add(path);
    }

    /** What to say about a file that stops being readable at {@code line}. */
    static UserError unreadable(Path path, long line, IOException cause) {
        if (cause instanceof EOFException) {
            return new UserError(
                    path + " line " + line + ": the compressed data ends here; the file is cut off: fetch it again",
                    cause);
        }
        return new UserError(
                "%s line %d: cannot be read (%s); the file may be cut off or damaged: fetch it again"
                        .formatted(path, line, cause.getMessage()),
                cause);
    }

    /** What to say about bytes that are no UTF-8 in {@code line}. */
    static UserError notUtf8(Path path, long line, IOException cause) {
        return new UserError(path + " line " + line + ": not valid UTF-8; convert the file to UTF-8", cause);
    }

    @SuppressWarnings("MustBeClosedChecker")
    private PeekInput open() {
        try {
            PeekInput raw = new PeekInput(new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES));
            byte[] start = raw.peek(4);
            if (startsWith(start, 0x1F, 0x8B)) {
                return new PeekInput(new MemberGzip(raw, BUFFER_BYTES));
            }
            if (startsWith(start, 0x28, 0xB5, 0x2F, 0xFD) || isSkippable(start)) {
                return new PeekInput(new ZstdInputStream(raw));
            }
            refuseOthers(start);
            return raw;
        } catch (IOException e) {
            throw unreadable(path, 1, e);
        }
    }

    /** A frame that pzstd writes first: 0x184D2A50 to 5F. */
    private static boolean isSkippable(byte[] start) {
        return start.length == 4
                && (start[0] & 0xF0) == 0x50
                && start[1] == 0x2A
                && start[2] == 0x4D
                && start[3] == 0x18;
    }

    private boolean isParquet() {
        try (InputStream raw = Files.newInputStream(path)) {
            return startsWith(raw.readNBytes(4), 'P', 'A', 'R', '1');
        } catch (IOException e) {
            throw unreadable(path, 1, e);
        }
    }

    private void refuseOthers(byte[] start) {
        String found = "";
        if (startsWith(start, 'P', 'K')) {
            found = "a zip archive";
        } else if (startsWith(start, 0xFF, 0xFE) || startsWith(start, 0xFE, 0xFF)) {
            found = "UTF-16 text";
        } else if (startsWith(start, 'A', 'R', 'R', 'O')) {
            found = "an Arrow file";
        } else if (startsWith(start, 'B', 'Z', 'h')) {
            found = "packed by bzip2";
        } else if (startsWith(start, 0xFD, '7', 'z', 'X')) {
            found = "packed by xz";
        } else if (startsWith(start, 'P', 'A', 'R', 'E')) {
            found = "an encrypted Parquet file";
        }
        if (!found.isEmpty()) {
            throw new UserError(path + " is " + found
                    + ", but must be JSONL, JSON, CSV or text in UTF-8, WARC or WET, .gz or .zst of these, or Parquet");
        }
    }

    private static void skipByteOrderMark(PeekInput input) throws IOException {
        if (startsWith(input.peek(BYTE_ORDER_MARK_BYTES), 0xEF, 0xBB, 0xBF)) {
            input.skipNBytes(BYTE_ORDER_MARK_BYTES);
        }
    }

    private static boolean isText(String name) {
        return name.endsWith(".txt") || name.endsWith(".text") || name.endsWith(".md");
    }

    private static boolean beginsAsJsonLines(PeekInput input) throws IOException {
        String start = new String(input.peek(BLANKS_BEFORE_AN_ARRAY), StandardCharsets.UTF_8).stripLeading();
        return OBJECT_BEGIN.matcher(start).lookingAt();
    }

    private static int firstCharacter(PeekInput input) throws IOException {
        for (byte value : input.peek(BLANKS_BEFORE_AN_ARRAY)) {
            if (!Character.isWhitespace(value)) {
                return value;
            }
        }
        return ' ';
    }

    private static boolean startsWith(byte[] bytes, int... expected) {
        if (bytes.length < expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if ((bytes[i] & 0xFF) != expected[i]) {
                return false;
            }
        }
        return true;
    }
}
