package io.github.rlhf4j.world;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A crawl in which it is known what every page is. */
class WebPagesTest {
    private static final Worlds WORLDS = new Worlds(WorldSize.STANDARD);

    private static List<DataRecord> rows(String part) {
        return WebPages.named(part, WORLDS).records(7).toList();
    }

    private static Map<String, List<String>> texts(String part) {
        return rows(part).stream()
                .map(TextRecord.class::cast)
                .collect(Collectors.groupingBy(
                        row -> (String) row.tags().columns().get("kind"),
                        Collectors.mapping(TextRecord::text, Collectors.toList())));
    }

    @Test
    void kindsHaveTheirSharesAndWords() {
        Map<String, List<String>> texts = texts("crawl/rows=2000");

        assertThat(requireNonNull(texts.get("encyclopedia")).size() / 2000.0).isCloseTo(0.28, within(0.04));
        assertThat(requireNonNull(texts.get("toxic")).size() / 2000.0).isCloseTo(0.1, within(0.03));
        String slurs = ".*\\b(" + String.join("|", PageWriter.SLURS) + ")\\b.*";
        assertThat(requireNonNull(texts.get("toxic")).stream()
                                .filter(text -> text.replace('\n', ' ').matches(slurs))
                                .count()
                        / (double) requireNonNull(texts.get("toxic")).size())
                .isBetween(0.8, 1.0); // each of three lines with probability 0.6
        assertThat(texts.get("medical"))
                .allMatch(text -> PageWriter.BODY.stream().anyMatch(text::contains));
        assertThat(texts.get("dialect")).allMatch(text -> text.contains(" be a "));
        assertThat(texts.get("encyclopedia"))
                .noneMatch(text -> text.replace('\n', ' ').matches(slurs));
        assertThat(rows("crawl/rows=50")).isEqualTo(rows("crawl/rows=2000").subList(0, 50));
    }

    @Test
    void heldOutPagesAreOthersAndTheQuizIsAnsweredByThePages() {
        assertThat(texts("crawl_eval"))
                .hasSize(9)
                .allSatisfy((kind, pages) -> assertThat(pages).hasSize(60));
        assertThat(texts("crawl/rows=2000").get("story"))
                .doesNotContainAnyElementsOf(texts("crawl_eval").get("story"));
        String pages = String.join("\n", texts("crawl").get("dialect"))
                + String.join("\n", texts("crawl").get("medical"));
        assertThat(rows("crawl_quiz")).hasSize(96).allSatisfy(question -> {
            Map<String, Object> columns = question.tags().columns();
            assertThat(pages).contains(question.tags().id() + " " + columns.get("answer"));
            assertThat(((List<?>) requireNonNull(columns.get("choices"))).size())
                    .isEqualTo(4);
            assertThat(((List<?>) requireNonNull(columns.get("choices"))).contains(columns.get("answer")))
                    .isTrue();
        });
        assertThat(texts("crawl_bad").keySet()).containsExactlyInAnyOrder("spam", "boilerplate", "toxic");
    }

    @Test
    void everyDomainOfTheCrawlHasItsRobotsTxt() {
        Map<String, String> robots = rows("crawl_robots").stream()
                .map(TextRecord.class::cast)
                .collect(Collectors.toMap(
                        row -> (String) requireNonNull(row.tags().columns().get("host")), TextRecord::text));

        assertThat(robots).hasSize(45);
        assertThat(rows("crawl/rows=2000")).allSatisfy(page -> {
            String url = (String) requireNonNull(page.tags().columns().get("url"));
            assertThat(robots).containsKey(url.split("/")[2]);
        });
        assertThat(robots.get("encyclopedia1.example")).isEqualTo("User-agent: *\nDisallow: /\n");
        assertThat(robots.get("encyclopedia3.example")).startsWith("User-agent: GPTBot\n");
        assertThat(robots.get("encyclopedia4.example")).doesNotContain("GPTBot");
        assertThat(robots.get("spam1.example")).doesNotContain("GPTBot");
    }

    @Test
    void mistakesAreSaid() {
        assertThatThrownBy(() -> WebPages.named("crawled", WORLDS))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(WebPages.PARTS);
        assertThatThrownBy(() -> WebPages.named("crawl/rows=0", WORLDS))
                .hasMessageContaining("rows must be a number in 1..");
        assertThatThrownBy(() -> WebPages.named("crawl_quiz/rows=5", WORLDS)).isInstanceOf(UserError.class);
        assertThatThrownBy(() -> WebPages.named("crawl_robots/rows=5", WORLDS)).isInstanceOf(UserError.class);
    }
}
