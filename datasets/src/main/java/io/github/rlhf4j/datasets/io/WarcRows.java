package io.github.rlhf4j.datasets.io;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Chunks;
import io.github.rlhf4j.core.cluster.Cluster;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
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
 * <p>The text of HTML is made by the workers of a cluster, where there is one: pages travel in chunks, and rows come in the order of their records. What is less than two chunks is made here.
 *
 * <p>Source: ISO 28500:2017 (WARC 1.1).
 */
final class WarcRows extends OneAheadRows {
    private final Path path;
    private final RowLimit limit;
    private final WarcReader reader;
    private final Records records = new Records();
    private final Optional<Workers> workers;
    private final Deque<Made> ready = new ArrayDeque<>();
    private final List<Skipped> skipped = new ArrayList<>();
    private long number; // of records read

    /** A record that may be a row. */
    private record Found(long number, ObjectNode headers, WarcPage page) {}

    /** The same with what is left of its page. */
    private record Made(long number, ObjectNode headers, PageText text) {
        Made(Found of, PageText text) {
            this(of.number(), of.headers(), text);
        }
    }

    /** Who make texts of HTML, and what is cut for them. */
    private record Workers(Cluster cluster, Chunks<Found> chunks) {}

    /** @param workers make texts of HTML; empty: this process does */
    WarcRows(Path path, InputStream input, RowLimit limit, Optional<Cluster> workers) {
        this.path = path;
        this.limit = limit;
        this.workers = workers.map(cluster ->
                new Workers(cluster, new Chunks<>(records, found -> found.page().bytes().length, cluster)));
        try {
            this.reader = new WarcReader(input);
        } catch (IOException e) {
            throw damaged(e.getMessage(), e);
        }
    }

    @Override
    @Nullable
    Row read() {
        while (true) {
            if (ready.isEmpty()) {
                makeSome();
            }
            if (ready.isEmpty()) {
                records.requireEnd();
                return null;
            }
            Made next = ready.remove();
            if (!next.text().whyNone().isEmpty()) {
                skipped.add(new Skipped(next.text().whyNone(), next.number()));
            } else if (!next.text().text().isEmpty()) {
                return row(next);
            }
        }
    }

    private Row row(Made made) {
        ObjectNode columns = StrictJson.MAPPER.createObjectNode();
        columns.put("text", made.text().text()).setAll(made.headers());
        return new Row(path.toString(), made.number(), columns);
    }

    @Override
    public List<Skipped> takeSkipped() {
        List<Skipped> taken = List.copyOf(skipped);
        skipped.clear();
        return taken;
    }

    /** Makes texts of the next record, or of a job's; of none at the end. */
    private void makeSome() {
        if (workers.isPresent()) {
            makeJob(workers.get());
        } else if (records.hasNext()) {
            Found next = records.next();
            ready.add(new Made(next, next.page().text()));
        }
    }

    private void makeJob(Workers elsewhere) {
        List<List<Found>> job = elsewhere.chunks().next();
        List<List<WarcPage>> pages = job.stream()
                .map(chunk ->
                        chunk.stream().map(Found::page).filter(WarcPage::isHtml).toList())
                .toList();
        boolean isWorthAJob = pages.size() > 1 && !pages.stream().allMatch(List::isEmpty);
        Iterator<PageText> texts = isWorthAJob
                ? elsewhere.cluster().map("pages", pages, new PageTask()).stream()
                        .flatMap(List::stream)
                        .iterator()
                : pages.stream().flatMap(List::stream).map(WarcPage::text).iterator();
        for (List<Found> chunk : job) {
            for (Found found : chunk) {
                WarcPage page = found.page();
                ready.add(new Made(found, page.isHtml() ? texts.next() : page.text()));
            }
        }
    }

    /** The records of the archive that may be rows. Where it cannot be read on they end; {@link #requireEnd} says so, when those before have become rows. */
    private final class Records implements Iterator<Found> {
        private @Nullable Found next;
        private @Nullable UserError damage;
        private boolean isEnded;

        @Override
        public boolean hasNext() {
            while (next == null && !isEnded) {
                try {
                    next = readRecord();
                } catch (UserError e) {
                    damage = e;
                    isEnded = true;
                }
            }
            return next != null;
        }

        @Override
        public Found next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            Found found = next;
            next = null;
            return found;
        }

        void requireEnd() {
            if (damage != null) {
                throw damage;
            }
        }

        /** The next record; null where it cannot be a row. */
        private @Nullable Found readRecord() {
            number++;
            try {
                Optional<WarcRecord> found = reader.next();
                isEnded = found.isEmpty();
                return isEnded ? null : found(found.get());
            } catch (IOException | RuntimeException e) {
                if (e instanceof UserError known) {
                    throw known;
                }
                throw damaged(String.valueOf(e.getMessage()), e);
            }
        }
    }

    private @Nullable Found found(WarcRecord found) throws IOException {
        String type = found.headers().first("WARC-Type").orElse("").toLowerCase(Locale.ROOT);
        boolean isResponse = type.equals("response");
        if (!isResponse && !type.equals("conversion") && !type.equals("resource")) {
            return null;
        }
        if (found.headers().first("WARC-Segment-Number").isPresent()) {
            return new Found(number, headers(found), WarcPage.unread("the record is a segment of a page"));
        }
        long length = found.body().size();
        if (length > limit.bytes()) {
            return new Found(
                    number,
                    headers(found),
                    WarcPage.unread("the record is longer than " + (limit.bytes() >> 20) + " MiB"));
        }
        byte[] block = found.body().stream().readNBytes((int) length);
        if (block.length < length) {
            throw damaged("it has " + block.length + " of " + length + " bytes", null);
        }
        WarcPage page = isResponse
                ? WarcPage.ofResponse(block, limit)
                : WarcPage.of(block, found.headers().first("Content-Type").orElse(""));
        return new Found(number, headers(found), page);
    }

    private static ObjectNode headers(WarcRecord of) {
        ObjectNode columns = StrictJson.MAPPER.createObjectNode();
        header(of, "WARC-Target-URI").ifPresent(url -> columns.put("url", url));
        header(of, "WARC-Date").ifPresent(date -> columns.put("date", date));
        header(of, "WARC-Record-ID").ifPresent(id -> columns.put("id", id));
        return columns;
    }

    private static Optional<String> header(WarcRecord of, String name) {
        return of.headers().first(name).map(value -> value.strip().replaceAll("^<|>$", ""));
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
