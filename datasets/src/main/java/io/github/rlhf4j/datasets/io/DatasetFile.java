package io.github.rlhf4j.datasets.io;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Sha256;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.zip.GZIPInputStream;

/** A dataset file: what it is is seen from its first bytes, not from its name. */
final class DatasetFile {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int BYTE_ORDER_MARK_BYTES = 3;

    private final Path path;

    DatasetFile(Path path) {
        if (!Files.exists(path)) {
            throw new UserError("dataset file " + path + " does not exist; paths are relative to the working directory "
                    + Path.of("").toAbsolutePath());
        }
        if (Files.isDirectory(path)) {
            throw new UserError(
                    "dataset " + path + " is a folder, but must be one file (JSONL, JSON, .gz of these, or Parquet)");
        }
        if (!Files.isReadable(path)) {
            throw new UserError("dataset file " + path + " cannot be read; check its permissions");
        }
        this.path = path;
    }

    /** Its objects: a JSON array's elements where the first character is {@code [}, a Parquet file's rows, else one a line. */
    RowSource rows() {
        if (isParquet()) {
            return new ParquetRows(path);
        }
        InputStream input = open();
        try {
            skipByteOrderMark(input);
            return firstCharacter(input) == '[' ? new JsonArrayRows(path, input) : new JsonLinesRows(path, input);
        } catch (IOException e) {
            throw unreadable(path, 1, e);
        }
    }

    long bytes() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw unreadable(path, 1, e);
        }
    }

    String sha256() {
        try (InputStream raw = Files.newInputStream(path)) {
            MessageDigest digest = Sha256.start();
            try (DigestInputStream input = new DigestInputStream(raw, digest)) {
                byte[] buffer = new byte[BUFFER_BYTES];
                while (input.read(buffer) >= 0) {
                    // the digest sees what is read
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw unreadable(path, 1, e);
        }
    }

    /** What to say about a file that stops being readable at {@code line}. */
    static UserError unreadable(Path path, long line, IOException cause) {
        return new UserError(
                "%s line %d: cannot be read (%s); the file may be cut off or damaged: fetch it again"
                        .formatted(path, line, cause.getMessage()),
                cause);
    }

    @SuppressWarnings("MustBeClosedChecker")
    private InputStream open() {
        try {
            InputStream raw = new BufferedInputStream(Files.newInputStream(path), BUFFER_BYTES);
            byte[] start = peek(raw, 4);
            if (startsWith(start, 0x1F, 0x8B)) {
                return new BufferedInputStream(new GZIPInputStream(raw, BUFFER_BYTES), BUFFER_BYTES);
            }
            refuseOthers(start);
            return raw;
        } catch (IOException e) {
            throw unreadable(path, 1, e);
        }
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
        if (startsWith(start, 0x28, 0xB5, 0x2F, 0xFD)) {
            found = "compressed with Zstandard";
        } else if (startsWith(start, 'P', 'K')) {
            found = "a zip archive";
        } else if (startsWith(start, 0xFF, 0xFE) || startsWith(start, 0xFE, 0xFF)) {
            found = "UTF-16 text";
        }
        if (!found.isEmpty()) {
            throw new UserError(
                    path + " is " + found + ", but must be JSONL or JSON in UTF-8, .gz of these, or Parquet");
        }
    }

    private static void skipByteOrderMark(InputStream input) throws IOException {
        if (startsWith(peek(input, BYTE_ORDER_MARK_BYTES), 0xEF, 0xBB, 0xBF)) {
            input.skipNBytes(BYTE_ORDER_MARK_BYTES);
        }
    }

    private static int firstCharacter(InputStream input) throws IOException {
        input.mark(BUFFER_BYTES / 2);
        int value = input.read();
        for (int i = 1; i < BUFFER_BYTES / 2 && Character.isWhitespace(value); i++) {
            value = input.read();
        }
        input.reset();
        return value;
    }

    private static byte[] peek(InputStream input, int bytes) throws IOException {
        input.mark(bytes);
        byte[] start = input.readNBytes(bytes);
        input.reset();
        return start;
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
