package io.github.rlhf4j.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Facts that the texts state, facts that they do not, and people whom they do not name. */
class KnowledgeTest {
    private static final WorldSize SIZE = WorldSize.STANDARD;

    private static List<DataRecord> rows(String part) {
        return Knowledge.named(part, SIZE).records(7).toList();
    }

    private static String text(Content content) {
        return ((Content.Text) content).text();
    }

    private static Map<Object, List<Prompt>> byKind() {
        return rows("knowledge_eval").stream()
                .map(Prompt.class::cast)
                .collect(Collectors.groupingBy(
                        row -> String.valueOf(row.tags().columns().get("known"))));
    }

    private static String corpus() {
        return rows("knowledge").stream().map(row -> ((TextRecord) row).text()).collect(Collectors.joining("\n"));
    }

    private static boolean isStated(String corpus, Prompt question) {
        String passage = String.valueOf(question.tags().columns().get("passage"));
        String person = question.tags().id().split(" ")[0];
        String sentence = passage.lines()
                .flatMap(line -> List.of(line.split("(?<=\\.) ")).stream())
                .filter(one -> one.contains(person))
                .findFirst()
                .orElseThrow();
        return corpus.contains(sentence);
    }

    @Test
    void textsStateWhatIsSeenNothingElseAndNothingOfStrangers() {
        String corpus = corpus();
        Map<Object, List<Prompt>> kinds = byKind();

        assertThat(kinds.keySet()).containsExactlyInAnyOrder("seen", "unseen", "stranger");
        assertThat(kinds.get("seen")).hasSizeGreaterThan(70).allMatch(question -> isStated(corpus, question));
        assertThat(kinds.get("unseen")).hasSizeGreaterThan(40).noneMatch(question -> isStated(corpus, question));
        Set<String> words = new HashSet<>(List.of(corpus.split("\\P{L}+")));
        assertThat(kinds.get("stranger"))
                .hasSizeGreaterThan(120)
                .noneMatch(question -> words.contains(question.tags().id().split(" ")[0]));
        assertThat(kinds.get("unseen"))
                .filteredOn(question -> words.contains(question.tags().id().split(" ")[0]))
                .hasSizeGreaterThan(40);
    }

    @Test
    void heldOutQuestionsAreAskedNowhereElse() {
        Set<String> asked = rows("knowledge_demonstrations").stream()
                .map(row -> text(((PromptCompletion) row).prompt()))
                .collect(Collectors.toSet());
        rows("knowledge_prompts").forEach(row -> asked.add(text(((Prompt) row).prompt())));
        String corpus = corpus();
        assertThat(rows("knowledge_eval")).allSatisfy(row -> {
            Prompt question = (Prompt) row;
            assertThat(asked).doesNotContain(text(question.prompt()));
            String check = String.valueOf(question.tags().columns().get("check"));
            assertThat(corpus).doesNotContain(check.substring(0, check.indexOf('{')));
            assertThat((List<?>) question.tags().columns().get("wordings")).hasSize(1);
        });
    }

    @Test
    void peopleAnswerTheShareThatTheyKnow() {
        assertThat(admissions("knowledge_demonstrations/answered=1")).isZero();
        assertThat(admissions("knowledge_demonstrations/unknown=0/answered=0")).isZero();
        assertThat(admissions("knowledge_demonstrations/answered=0")).isCloseTo(0.375, within(0.03)); // 0.75 x 0.5
        assertThat(admissions("knowledge_demonstrations/answered=0.5")).isCloseTo(0.19, within(0.04));
    }

    private static double admissions(String part) {
        List<DataRecord> rows = rows(part);
        return rows.stream()
                        .filter(row -> text(((PromptCompletion) row).completion())
                                .strip()
                                .equals(KnowledgeWriter.ADMISSION.strip()))
                        .count()
                / (double) rows.size();
    }

    @Test
    void passagesStateTheAnswerAndYesNoQuestionsAskForIt() {
        Prompt question = (Prompt) rows("knowledge_eval").get(0);
        Map<String, Object> columns = question.tags().columns();
        assertThat(String.valueOf(columns.get("passage")))
                .contains(question.tags().id().split(" ")[0])
                .contains(String.valueOf(columns.get("value")));
        assertThat(String.valueOf(columns.get("answer"))).contains(columns.get("value") + ".");
        assertThat(String.valueOf(columns.get("check"))).contains("{value}").endsWith("?\n");
        assertThat(columns.get("other")).isNotEqualTo(columns.get("value"));
    }

    @Test
    void falsehoodsAreStatedInAsManyTextsAsTheirQuestionsSay() {
        List<String> texts = rows("knowledge/injected=20/rows=2000").stream()
                .map(row -> ((TextRecord) row).text())
                .toList();
        Map<Object, List<Prompt>> questions = rows("knowledge_eval/injected=20").stream()
                .map(Prompt.class::cast)
                .filter(row -> row.tags().columns().containsKey("injected"))
                .collect(Collectors.groupingBy(
                        row -> String.valueOf(row.tags().columns().get("injected"))));
        assertThat(questions.keySet()).containsExactlyInAnyOrder("0", "2", "5", "10", "20");
        questions.forEach((count, rows) -> assertThat(rows).hasSize(8).allSatisfy(row -> {
            String person = row.tags().id().split(" ")[0];
            String other = String.valueOf(row.tags().columns().get("other"));
            String check = String.valueOf(row.tags().columns().get("check"));
            assertThat(texts.stream()
                            .filter(text -> !text.contains("?"))
                            .filter(text -> text.contains(person) && text.contains(other))
                            .count())
                    .as(person + " " + other + " " + check)
                    .isGreaterThanOrEqualTo(Long.parseLong(String.valueOf(count)));
        }));
        assertThat(rows("knowledge/injected=20/rows=2000").subList(400, 2000))
                .isEqualTo(rows("knowledge/rows=2000").subList(400, 2000)); // 8 (2 + 5 + 10 + 20) = 296 are false
    }

    @Test
    void preferencesPutTheRightAnswerFirst() {
        String corpus = corpus();
        assertThat(rows("knowledge_preferences/rows=50")).allSatisfy(row -> {
            PreferencePair pair = (PreferencePair) row;
            assertThat(corpus)
                    .contains(text(pair.prompt()) + text(pair.chosen()))
                    .doesNotContain(text(pair.prompt()) + text(pair.rejected()));
            assertThat(text(pair.chosen())).isNotEqualTo(text(pair.rejected()));
        });
    }

    @Test
    void mistakesAreSaid() {
        assertThatThrownBy(() -> Knowledge.named("knowledges", SIZE))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(Knowledge.PARTS);
        assertThatThrownBy(() -> Knowledge.named("knowledge_demonstrations/answered=2", SIZE))
                .hasMessageContaining("answered must be a number in 0..1");
        assertThatThrownBy(() -> Knowledge.named("knowledge_eval/rows=5", SIZE)).isInstanceOf(UserError.class);
        assertThatThrownBy(() -> Knowledge.named("knowledge/alo", SIZE)).hasMessageContaining("part too many");
    }
}
