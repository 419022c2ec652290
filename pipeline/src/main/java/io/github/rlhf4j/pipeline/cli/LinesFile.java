package io.github.rlhf4j.pipeline.cli;

import io.github.rlhf4j.core.UserError;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The file of lines that {@code --data} names, as it is or compressed by gzip ({@code .gz}). */
final class LinesFile {
    private LinesFile() {}

    /** @throws UserError unless there is such a file */
    static void check(Path data) {
        if (!Files.isRegularFile(data)) {
            throw new UserError("--data " + data + (Files.exists(data) ? " is not a file" : " does not exist"));
        }
    }

    static BufferedReader open(Path data) throws IOException {
        InputStream stream = Files.newInputStream(data);
        if (!data.toString().endsWith(".gz")) {
            return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
        }
        try {
            return new BufferedReader(new InputStreamReader(
                    new CompressedData(new GZIPInputStream(stream), data), StandardCharsets.UTF_8));
        } catch (EOFException | ZipException e) {
            stream.close();
            throw new UserError("--data " + data + " is not compressed by gzip, as its name says", e);
        }
    }

    /** Decompressed data, of which a broken end is a mistake in what was given. */
    private static final class CompressedData extends FilterInputStream {
        private final Path file;

        CompressedData(InputStream stream, Path file) {
            super(stream);
            this.file = file;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return super.read(bytes, offset, length);
            } catch (EOFException | ZipException e) {
                throw new UserError(
                        "--data " + file + ": the compressed data is damaged or cut off; fetch it again", e);
            }
        }
    }
}
