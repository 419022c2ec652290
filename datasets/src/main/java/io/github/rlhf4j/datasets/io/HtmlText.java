package io.github.rlhf4j.datasets.io;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.NodeFilter;

/** The text of a page: its title, and what is not a script, a style or the like, with a line for each block. Nothing is guessed about what of it is the article. */
final class HtmlText implements NodeFilter {
    private static final Set<String> UNSEEN =
            Set.of("script", "style", "noscript", "template", "svg", "iframe", "object", "canvas", "head");
    private static final Set<String> CELLS = Set.of("td", "th");

    private static final Set<String> PREFORMATTED = Set.of("pre", "textarea");

    private final StringBuilder text = new StringBuilder();
    private int preformatted; // elements around that keep white space

    private HtmlText() {}

    /**
     * Of a page's bytes.
     *
     * @param charset as a mark or the server says; empty: as the page says, else UTF-8
     */
    static String of(byte[] page, Optional<Charset> charset) throws IOException {
        Document document = Jsoup.parse(
                new ByteArrayInputStream(page), charset.map(Charset::name).orElse(null), "");
        if (charset.isEmpty()) {
            Charset said = document.charset();
            // a page in which ASCII says so is no UTF-16
            Charset meant = said.name().startsWith("UTF-16") ? StandardCharsets.UTF_8 : WebCharset.of(said);
            if (!meant.equals(said)) {
                document = Jsoup.parse(new ByteArrayInputStream(page), meant.name(), "");
            }
        }
        HtmlText all = new HtmlText();
        all.text.append(document.title());
        all.line();
        document.body().filter(all);
        return all.text.toString().strip();
    }

    @Override
    public FilterResult head(Node node, int depth) {
        if (node instanceof TextNode words) {
            append(words);
        } else if (node instanceof Element element) {
            if (UNSEEN.contains(element.normalName())) {
                return FilterResult.SKIP_ENTIRELY;
            }
            preformatted += PREFORMATTED.contains(element.normalName()) ? 1 : 0;
            if (CELLS.contains(element.normalName())) {
                space();
            } else if (element.isBlock() || element.normalName().equals("br")) {
                line();
            }
        }
        return FilterResult.CONTINUE;
    }

    @Override
    public FilterResult tail(Node node, int depth) {
        if (node instanceof Element element) {
            preformatted -= PREFORMATTED.contains(element.normalName()) ? 1 : 0;
            if (element.isBlock() && !CELLS.contains(element.normalName())) {
                line();
            }
        }
        return FilterResult.CONTINUE;
    }

    private void append(TextNode words) {
        if (preformatted > 0) {
            text.append(words.getWholeText());
            return;
        }
        words.getWholeText().codePoints().forEach(point -> {
            if (Character.isWhitespace(point) || point == '\u00a0') {
                space();
            } else {
                text.appendCodePoint(point);
            }
        });
    }

    private void space() {
        if (!text.isEmpty() && !Character.isWhitespace(text.charAt(text.length() - 1))) {
            text.append(' ');
        }
    }

    /** Ends a line that has something. */
    private void line() {
        while (!text.isEmpty() && text.charAt(text.length() - 1) == ' ') {
            text.setLength(text.length() - 1);
        }
        if (!text.isEmpty() && text.charAt(text.length() - 1) != '\n') {
            text.append('\n');
        }
    }
}
