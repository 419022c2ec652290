package io.github.rlhf4j.filter;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.filter.robots.RobotsTxt;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** filters.json of tools/golden/filters.py: the same texts go, for the same reasons, as by datatrove 0.10.1, and the same addresses are allowed as by protego 0.7.0. */
class DatatroveTest {
    private static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry("gopher_short_doc", "min_doc_words"),
            Map.entry("gopher_long_doc", "max_doc_words"),
            Map.entry("gopher_below_avg_threshold", "min_avg_word_length"),
            Map.entry("gopher_above_avg_threshold", "max_avg_word_length"),
            Map.entry("gopher_too_many_hashes", "max_symbol_word_ratio"),
            Map.entry("gopher_too_many_ellipsis", "max_symbol_word_ratio"),
            Map.entry("gopher_too_many_bullets", "max_bullet_lines_ratio"),
            Map.entry("gopher_too_many_end_ellipsis", "max_ellipsis_lines_ratio"),
            Map.entry("gopher_below_alpha_threshold", "min_alpha_words_ratio"),
            Map.entry("gopher_enough_stop_words", "min_stop_words"),
            Map.entry("too_few_sentences", "min_num_sentences"),
            Map.entry("lorem_ipsum", "filter_lorem_ipsum"),
            Map.entry("curly_bracket", "filter_curly_bracket"));

    private static JsonNode golden() throws IOException {
        try (InputStream file = DatatroveTest.class.getResourceAsStream("filters.json")) {
            return new ObjectMapper().readTree(file);
        }
    }

    private static void compare(String name, RowRule rule) throws IOException {
        int removed = 0;
        for (JsonNode row : golden().path("texts")) {
            String text = row.path("text").textValue();
            JsonNode theirs = row.path(name);
            Judgement ours = rule.judge(new TextRecord(text), text);
            String reason = theirs.path(1).textValue();
            assertThat(ours.reason()).as(text).isEqualTo(REASONS.getOrDefault(reason, key(reason)));
            if (ours.isKept()) {
                String left = theirs.path(2).textValue();
                assertThat(ours.text()).isEqualTo(left.isEmpty() ? text : left);
            }
            removed += ours.isKept() ? 0 : 1;
        }
        assertThat(removed).isBetween(20, 130);
    }

    private static String key(String reason) {
        return reason.replaceFirst("top_\\d+_gram", "top_n_grams")
                .replaceFirst("duplicated_\\d+_n_grams", "dup_n_grams");
    }

    @Test
    void removesWhatItsGopherQualityFilterRemoves() throws IOException {
        compare("quality", new TextShape(Preset.GOPHER_QUALITY.shape()));
    }

    @Test
    void removesWhatItsGopherRepetitionFilterRemoves() throws IOException {
        compare("repetition", new RepetitionRule(Preset.GOPHER_REPETITION.repetition()));
    }

    @Test
    void leavesTheLinesThatItsC4QualityFilterLeaves() throws IOException {
        compare("c4", new C4Rule(Preset.C4.c4()));
    }

    @Test
    void allowsWhatProtegoAllows() throws IOException {
        int forbidden = 0;
        for (JsonNode file : golden().path("robots")) {
            RobotsTxt robots = RobotsTxt.parse(file.path("robots").textValue());
            for (JsonNode asked : file.path("asked")) {
                boolean isAllowed =
                        robots.allows(asked.path(0).textValue(), asked.path(1).textValue());
                assertThat(isAllowed)
                        .as(file.path("robots").textValue() + "\n" + asked)
                        .isEqualTo(asked.path(2).booleanValue());
                forbidden += isAllowed ? 0 : 1;
            }
        }
        assertThat(forbidden).isGreaterThan(50);
    }
}
