package io.github.rlhf4j.world;

import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The domains of the crawl, five of each kind of page, and the robots.txt of each: the better a domain is kept, the rather it shuts crawlers for AI out. */
final class WebDomains {
    private static final int EACH = 5;

    private WebDomains() {}

    /** A domain of a kind of page. */
    static String draw(PageKind kind, Draw draw) {
        return host(kind, 1 + draw.below(EACH));
    }

    private static String host(PageKind kind, int number) {
        return kind.label() + number + ".example";
    }

    /** The robots.txt of each domain as a text with the columns host and kind. */
    static Stream<DataRecord> robots() {
        return Stream.of(PageKind.values())
                .flatMap(kind -> IntStream.rangeClosed(1, EACH)
                        .mapToObj(number -> new TextRecord(
                                robots(kind, number),
                                new RowTags(
                                        host(kind, number),
                                        kind.label(),
                                        Map.of("host", host(kind, number), "kind", kind.label())))));
    }

    private static String robots(PageKind kind, int number) {
        if (number > kind.shut()) {
            return "User-agent: *\nDisallow: /private/\n";
        }
        return number == 1 && kind == PageKind.ENCYCLOPEDIA
                ? "User-agent: *\nDisallow: /\n"
                : "User-agent: GPTBot\nUser-agent: CCBot\nUser-agent: Google-Extended\nDisallow: /\n\n"
                        + "User-agent: *\nAllow: /\n";
    }
}
