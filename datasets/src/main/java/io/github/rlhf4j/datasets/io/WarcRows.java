package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.netpreserve.jwarc.WarcReader;
import org.netpreserve.jwarc.WarcRecord;

/**
 * The texts of a web archive: of WET files the records of type {@code conversion}, of WARC files the responses of status 2xx that are HTML or plain text, and resources that are. Columns: {@code text}, {@code url}, {@code date}, {@code id}. The
 * number of a row is that of its record, from 1; other records are passed over.
 *
 * <p>Source: ISO 28500:2017 (WARC 1.1).
 */
final class WarcRows implements RowSource {
    private final Path path;
    private final RowLimit limit;
    private final WarcReader reader;
    private final List<Skipped> skipped = new ArrayList<>();
    private long number; // of records read
    private boolean isEnded;
    private @Nullable Row next;

    WarcRows(Path path, InputStream input, RowLimit limit) {
        this.path = path;
        this.limit = limit;
        try {
            this.reader = new WarcReader(input);
        } catch (IOException e) {
            throw damaged(e.getMessage(), e);
        }
    }

    @Override
    public boolean hasNext() {
        while (next == null && !isEnded) {
            next = read();
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

    @Override
    public List<Skipped> takeSkipped() {
        List<Skipped> taken = List.copyOf(skipped);
        skipped.clear();
        return taken;
    }

    /** The next record as a row; null where it is none. */
    private @Nullable Row read() {
        number++;
        try {
            Optional<WarcRecord> found = reader.next();
            if (found.isEmpty()) {
                isEnded = true;
                return null;
            }
            return row(found.get());
        } catch (IOException | RuntimeException e) {
            if (e instanceof UserError known) {
                throw known;
            }
            throw damaged(String.valueOf(e.getMessage()), e);
        }
    }

    private @Nullable Row row(WarcRecord found) throws IOException {
        String type = found.headers().first("WARC-Type").orElse("").toLowerCase(Locale.ROOT);
        boolean isResponse = type.equals("response");
        if (!isResponse && !type.equals("conversion") && !type.equals("resource")) {
            return null;
        }
        long length = found.body().size();
        if (length > limit.bytes()) {
            skipped.add(new Skipped("the record is longer than " + (limit.bytes() >> 20) + " MiB", number));
            return null;
        }
        byte[] block = found.body().stream().readNBytes((int) length);
        if (block.length < length) {
            throw damaged("it has " + block.length + " of " + length + " bytes", null);
        }
        Optional<String> text;
        try {
            WarcPage page = isResponse
                    ? WarcPage.ofResponse(block, limit)
                    : new WarcPage(block, found.headers().first("Content-Type").orElse(""));
            text = page.text();
        } catch (WarcPage.NoPage e) {
            skipped.add(new Skipped(String.valueOf(e.getMessage()), number));
            return null;
        }
        return text.map(words -> new Row(path.toString(), number, columns(found, words)))
                .orElse(null);
    }

    private static ObjectNode columns(WarcRecord of, String text) {
        ObjectNode columns = StrictJson.MAPPER.createObjectNode();
        columns.put("text", text);
        header(of, "WARC-Target-URI").ifPresent(url -> columns.put("url", url));
        header(of, "WARC-Date").ifPresent(date -> columns.put("date", date));
        header(of, "WARC-Record-ID").ifPresent(id -> columns.put("id", id));
        return columns;
    }

    private static Optional<String> header(WarcRecord of, String name) {
        return of.headers().first(name).map(value -> value.strip().replaceAll("^<|>$", ""));
    }

    /** The character set of that name; empty where Java knows none. */
    static Optional<Charset> charset(@Nullable String name) {
        try {
            return name == null ? Optional.empty() : Optional.of(Charset.forName(name.strip()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private UserError damaged(@Nullable String how, @Nullable Exception cause) {
        String line = String.valueOf(how).lines().findFirst().orElse("");
        return new UserError(
                path + " record " + number + ": no whole WARC record (" + line
                        + "); the file may be cut off or damaged: fetch it again",
                cause);
    }

    @Override
    public void close() {
        try {
            reader.close();
        } catch (IOException e) {
            throw damaged(e.getMessage(), e);
        }
    }
}
