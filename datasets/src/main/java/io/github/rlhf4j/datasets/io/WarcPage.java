package io.github.rlhf4j.datasets.io;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.netpreserve.jwarc.HttpResponse;
import org.netpreserve.jwarc.LengthedBody;
import org.netpreserve.jwarc.MediaType;

/**
 * What a record of a web archive holds.
 *
 * @param bytes of the page
 * @param contentType as it was given, or what the first bytes say where it was not
 * @param whyNone why it cannot be read, though the archive is whole; else empty
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record WarcPage(byte[] bytes, String contentType, String whyNone) {
    private static final Set<String> HTML = Set.of("text/html", "application/xhtml+xml");
    private static final Pattern HTML_START = Pattern.compile(
            "(\u00EF\u00BB\u00BF)?\\s*<(!doctype\\s+html|html|head|body|title|meta|!--|script|div|h1|p|table|a|br)[\\s>]",
            Pattern.CASE_INSENSITIVE);
    private static final int SNIFFED_BYTES = 1445; // the MIME Sniffing Standard (WHATWG), section 5.2
    private static final int BUFFER_BYTES = 1 << 13;
    private static final int LONGEST_HTML =
            5 << 20; // bytes, of which Common Crawl keeps no more: elements take fifty times as many
    private static final long FREE_BYTES = 1 << 20; // that any body may become
    private static final long MOST_RATIO = 200; // of a body decoded to one that is not: pages are 3 to 20

    WarcPage(byte[] bytes, String contentType) {
        this(bytes, contentType, "");
    }

    /** The page of these bytes, which are not kept where there will be no text of them. */
    static WarcPage of(byte[] bytes, String contentType) {
        if (!isText(contentType)) {
            return new WarcPage(new byte[0], contentType);
        }
        WarcPage page = new WarcPage(bytes, contentType.isBlank() ? sniffed(bytes) : contentType);
        if (!isText(page.contentType)) {
            return new WarcPage(new byte[0], page.contentType);
        }
        return page.isHtml() && bytes.length > LONGEST_HTML
                ? unread("the page is longer than " + (LONGEST_HTML >> 20) + " MiB of HTML")
                : page;
    }

    /** The type of a page whose server named none, by its first bytes: HTML, text, or something that is neither. */
    private static String sniffed(byte[] bytes) {
        String start = new String(bytes, 0, Math.min(bytes.length, SNIFFED_BYTES), StandardCharsets.ISO_8859_1);
        if (HTML_START.matcher(start).lookingAt()) {
            return "text/html";
        }
        return start.indexOf('\0') >= 0 && WebCharset.ofMark(bytes).isEmpty()
                ? "application/octet-stream"
                : "text/plain";
    }

    /** One that cannot be read. */
    static WarcPage unread(String why) {
        return new WarcPage(new byte[0], "", why);
    }

    /** Thrown where a response holds no page that can be read; the message is the reason. */
    private static final class NoPage extends Exception {
        private static final long serialVersionUID = 1L;

        NoPage(String reason) {
            super(reason, null, false, false);
        }
    }

    /** The page in a server's answer; one of another status is empty. */
    static WarcPage ofResponse(byte[] block, RowLimit limit) {
        try {
            // whose length is known: servers often name none, or a wrong one
            LengthedBody all = LengthedBody.create(
                    Channels.newChannel(new ByteArrayInputStream(block)), ByteBuffer.allocate(0), block.length);
            HttpResponse response = HttpResponse.parse(all);
            if (response.status() / 100 != 2) {
                return new WarcPage(new byte[0], "");
            }
            String type = response.headers().first("Content-Type").orElse("");
            if (!isText(type)) {
                return new WarcPage(new byte[0], type);
            }
            try (InputStream body = decoded(response)) { // packed ones have native memory
                return of(read(body, block.length, limit), type);
            }
        } catch (NoPage e) {
            return unread(String.valueOf(e.getMessage()));
        } catch (IOException
                | RuntimeException
                | StackOverflowError e) { // jwarc's parsers throw the first two, gzip of many empty members the last
            return unread("the server's answer is no HTTP that can be decoded");
        }
    }

    /** The body as it was before it was packed; jwarc takes deflate for what it seldom is. */
    private static InputStream decoded(HttpResponse response) throws IOException, NoPage {
        InputStream body = new BufferedInputStream(response.body().stream());
        String encoding = String.join(",", response.headers().all("Content-Encoding"))
                .strip()
                .toLowerCase(Locale.ROOT);
        return switch (encoding) {
            case "", "identity", "none" -> body;
            case "gzip", "x-gzip" -> new GZIPInputStream(body);
            case "deflate" -> isZlib(body) ? new InflaterInputStream(body) : new RawInflaterStream(body);
            case "zstd" -> new ZstdInputStream(body);
            default -> throw new NoPage("the page is packed with something that is not read, such as brotli");
        };
    }

    /** Of packed bytes without RFC 1950's frame; ends its inflater, which Java's leaves to whoever made it. */
    private static final class RawInflaterStream extends InflaterInputStream {
        RawInflaterStream(InputStream body) {
            super(body, new Inflater(true));
        }

        @Override
        public void close() throws IOException {
            inf.end();
            super.close();
        }
    }

    /** Whether packed bytes begin as RFC 1950 says; some servers leave that out. */
    private static boolean isZlib(InputStream body) throws IOException {
        body.mark(2);
        int first = body.read();
        int second = body.read();
        body.reset();
        return (first & 0x0F) == 8 && (first * 256 + second) % 31 == 0;
    }

    private static byte[] read(InputStream body, long encoded, RowLimit limit) throws IOException, NoPage {
        long most = Math.min(limit.bytes(), Math.max(FREE_BYTES, MOST_RATIO * encoded));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            all.write(buffer, 0, count);
            if (all.size() > most) {
                throw new NoPage("the page is more than " + MOST_RATIO
                        + " times as long as what was sent, or longer than " + (limit.bytes() >> 20) + " MiB");
            }
        }
        return all.toByteArray();
    }

    private static boolean isText(String type) {
        return type.isBlank() || HTML.contains(base(type)) || base(type).equals("text/plain");
    }

    private static String base(String type) {
        return type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    /** Whether it is HTML: text that takes work to make. */
    boolean isHtml() {
        return bytes.length > 0 && HTML.contains(base(contentType));
    }

    /** Its text; none where it is something else, such as a picture. */
    PageText text() {
        if (!whyNone.isEmpty()) {
            return PageText.unread(whyNone);
        }
        if (bytes.length == 0) {
            return PageText.NONE;
        }
        Optional<Charset> mark = WebCharset.ofMark(bytes);
        Optional<Charset> charset = mark.or(() ->
                WebCharset.of(MediaType.parseLeniently(contentType).parameters().get("charset")));
        if (!isHtml()) {
            String all = new String(bytes, charset.orElse(StandardCharsets.UTF_8));
            return PageText.of((mark.isPresent() ? all.substring(1) : all).replace("\r\n", "\n"));
        }
        try {
            return PageText.of(HtmlText.of(bytes, charset));
        } catch (IOException | RuntimeException e) { // jsoup reads whatever is there, or so it should
            return PageText.unread("the page is no HTML that can be read");
        }
    }
}
