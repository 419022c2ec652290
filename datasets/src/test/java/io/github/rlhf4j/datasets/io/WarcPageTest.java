package io.github.rlhf4j.datasets.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages whose servers, or authors, name a smaller character set than they use, as browsers read them (WHATWG's Encoding Standard), or name none. */
class WarcPageTest {
    private static String html(byte[] page, String type) {
        return WarcPage.of(page, type).text().text();
    }

    private static byte[] page(String meta, String text, String charset) {
        return ("<html><head>" + meta + "</head><body>" + text + "</body></html>").getBytes(Charset.forName(charset));
    }

    @ParameterizedTest
    @CsvSource({
        "iso-8859-1, windows-1252, “smart” €",
        "latin1, windows-1252, “smart” €",
        "us-ascii, windows-1252, “hi”",
        "iso-8859-9, windows-1254, “ğ”",
        "gb2312, GB18030, 中文镕囍瞭",
        "gbk, GB18030, 中文㐀",
        "shift_jis, windows-31j, ①髙橋",
        "euc-kr, x-windows-949, 똠방각하",
        "utf-8, UTF-8, “é”",
        "no-such-set, UTF-8, “é”",
    })
    void whatANameMeansIsWhatBrowsersReadByIt(String named, String meant, String text) {
        byte[] plain = page("", text, meant);
        assertThat(html(plain, "text/html; charset=" + named)).isEqualTo(text);
        assertThat(html(page("<meta charset=\"" + named + "\">", text, meant), "text/html"))
                .isEqualTo(text);
        assertThat(html(text.getBytes(Charset.forName(meant)), "text/plain; charset=" + named))
                .isEqualTo(text);
    }

    @Test
    void aPageThatSaysInAsciiThatItIsUtf16IsUtf8() {
        assertThat(html(page("<meta charset=utf-16>", "déjà", "UTF-8"), "text/html"))
                .isEqualTo("déjà");
    }

    @ParameterizedTest
    @CsvSource({"UTF-8", "UTF-16LE", "UTF-16BE"})
    void aMarkDecidesAndIsNoText(String charset) {
        byte[] text = "\uFEFF“déjà vu”".getBytes(Charset.forName(charset));
        assertThat(html(text, "text/plain; charset=iso-8859-1")).isEqualTo("“déjà vu”");
        assertThat(html(text, "")).isEqualTo("“déjà vu”");
        byte[] page = "\uFEFF<p>“déjà vu”".getBytes(Charset.forName(charset));
        assertThat(html(page, "text/html; charset=iso-8859-1")).isEqualTo("“déjà vu”");
    }

    @Test
    void aPageWithoutATypeIsWhatItBeginsAs() {
        RowLimit limit = new RowLimit(1 << 20);
        String head = "HTTP/1.1 200 OK\r\n\r\n";
        assertThat(response(head + "\n <!DOCTYPE html><title>T</title><p>It is", limit))
                .isEqualTo("T\nIt is");
        assertThat(response(head + "<HTML><body>It is", limit)).isEqualTo("It is");
        assertThat(response(head + "a < b, so", limit)).isEqualTo("a < b, so");
        assertThat(response(head + "\u00FF\u00D8\u00FF\u00E0\0\u0010JFIF\0", limit))
                .isEmpty();
        assertThat(html("plain".getBytes(StandardCharsets.UTF_8), "")).isEqualTo("plain");
    }

    private static String response(String block, RowLimit limit) {
        return WarcPage.ofResponse(block.getBytes(StandardCharsets.ISO_8859_1), limit)
                .text()
                .text();
    }
}
