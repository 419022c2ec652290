package io.github.rlhf4j.datasets.io;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Character sets by the names that pages give them. Browsers read some as larger ones, which most pages mean: the Encoding Standard (WHATWG), section 4.2. */
final class WebCharset {
    private static final Map<String, String> LARGER = Map.of(
            "ISO-8859-1", "windows-1252",
            "US-ASCII", "windows-1252",
            "ISO-8859-9", "windows-1254",
            "GB2312", "GB18030",
            "GBK", "GB18030",
            "Shift_JIS", "windows-31j",
            "EUC-KR", "x-windows-949",
            "TIS-620", "x-windows-874",
            "Big5", "Big5-HKSCS",
            "UTF-16", "UTF-16LE");

    private WebCharset() {}

    /** That of a name; empty where Java knows none. */
    static Optional<Charset> of(@Nullable String name) {
        try {
            return name == null ? Optional.empty() : Optional.of(of(Charset.forName(name.strip())));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** What browsers read as this one. */
    static Charset of(Charset named) {
        String larger = LARGER.getOrDefault(named.name(), named.name());
        return Charset.isSupported(larger) ? Charset.forName(larger) : named;
    }

    /** That of a byte order mark, which is right whatever else is said. */
    static Optional<Charset> ofMark(byte[] page) {
        if (begins(page, 0xEF, 0xBB, 0xBF)) {
            return Optional.of(StandardCharsets.UTF_8);
        }
        if (begins(page, 0xFE, 0xFF)) {
            return Optional.of(StandardCharsets.UTF_16BE);
        }
        return begins(page, 0xFF, 0xFE) ? Optional.of(StandardCharsets.UTF_16LE) : Optional.empty();
    }

    private static boolean begins(byte[] page, int... mark) {
        for (int i = 0; i < mark.length; i++) {
            if (i >= page.length || (page[i] & 0xFF) != mark[i]) {
                return false;
            }
        }
        return true;
    }
}
