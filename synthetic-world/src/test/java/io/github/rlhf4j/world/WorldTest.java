package io.github.rlhf4j.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.Ranking;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.TextRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorldTest {
    private static final WorldSize SIZE = new WorldSize(600, 120, 4_000, 4_000, 400, 4_000, 500);
    private static final World WORLD = new World(7, SIZE);

    private static String text(Content content) {
        return ((Content.Text) content).text();
    }

    @ParameterizedTest
    @EnumSource(Part.class)
    void isTheSameForTheSameSeedAndAnotherForAnother(Part part) {
        World again = new World(7, SIZE);
        World other = new World(8, SIZE);
        List<DataRecord> records =
                LongStream.range(0, 40).mapToObj(i -> WORLD.get(part, i)).toList();

        assertThat(LongStream.iterate(39, i -> i - 1)
                        .limit(40)
                        .mapToObj(i -> again.get(part, i))
                        .toList()
                        .get(39))
                .isEqualTo(records.get(0));
        assertThat(LongStream.range(0, 40).mapToObj(i -> again.get(part, i)).toList())
                .isEqualTo(records);
        assertThat(LongStream.range(0, 40).mapToObj(i -> other.get(part, i)).toList())
                .isNotEqualTo(records);
    }

    @ParameterizedTest
    @EnumSource(Part.class)
    void givesRecordsOfThePartsKind(Part part) {
        assertThat(WORLD.stream(part).limit(20)).allMatch(row -> row.kind() == part.kind());
    }

    @Test
    void hasInstructGptsProportionsOfUseCases() {
        Map<String, Integer> counts = new TreeMap<>();
        WORLD.stream(Part.DEMONSTRATIONS).forEach(row -> counts.merge(row.tags().useCase(), 1, Integer::sum));

        for (UseCase useCase : UseCase.values()) {
            assertThat(counts.getOrDefault(useCase.label(), 0) / 4_000.0)
                    .as(useCase.label())
                    .isCloseTo(useCase.share(), within(0.02));
        }
    }

    @Test
    void hasTheDeclaredMixtureOfLanguagesAndDomains() {
        Map<String, Integer> counts = new TreeMap<>();
        WORLD.stream(Part.PRETRAIN).forEach(row -> {
            List<String> tags = List.of(row.tags().useCase().split("/", -1));
            counts.merge(tags.get(1), 1, Integer::sum);
            if (tags.get(1).equals("english")) {
                counts.merge(tags.get(0), 1, Integer::sum);
            }
        });
        double documents = 4_000;

        for (Language language : Language.values()) {
            int count = counts.getOrDefault(language.name().toLowerCase(Locale.ROOT), 0);
            assertThat(count / documents).as(language.name()).isCloseTo(language.share(), within(0.02));
        }
        for (Domain domain : Domain.values()) {
            int count = counts.getOrDefault(domain.name().toLowerCase(Locale.ROOT), 0);
            assertThat(count / (documents * Language.ENGLISH.share()))
                    .as(domain.name())
                    .isCloseTo(domain.share(), within(0.03));
        }
    }

    @Test
    void hasNoPromptInTwoSplits() {
        Set<String> earlier = new HashSet<>();
        for (Part part : List.of(
                Part.DEMONSTRATIONS,
                Part.DEMONSTRATIONS_EVAL,
                Part.RANKINGS,
                Part.PROMPTS,
                Part.EVAL_PROMPTS,
                Part.RANKINGS_EVAL,
                Part.RANKINGS_HELDOUT_LABELERS)) {
            Set<String> own = new HashSet<>();
            WORLD.stream(part).forEach(row -> own.add(row.promptKey()));
            assertThat(own)
                    .as(part.partName())
                    .allSatisfy(prompt -> assertThat(earlier.contains(prompt)).isFalse());
            earlier.addAll(own);
        }
        assertThat(earlier).hasSizeGreaterThan(6_000);
    }

    @Test
    void hasNoHeldOutDocumentInTheCorpus() {
        Set<String> trained = new HashSet<>();
        WORLD.stream(Part.PRETRAIN).forEach(row -> trained.add(((TextRecord) row).text()));

        assertThat(WORLD.stream(Part.PRETRAIN_EVAL)).noneMatch(row -> trained.contains(((TextRecord) row).text()));
    }

    @Test
    void answersNoHeldOutQuestionInTheCorpusAndAsksEachOpenQuestionOnOneSide() {
        Set<String> trained = new HashSet<>();
        for (Part part : List.of(Part.PRETRAIN, Part.PRETRAIN_EVAL)) {
            WORLD.stream(part)
                    .flatMap(row -> ((TextRecord) row).text().lines())
                    .filter(line -> line.contains("? "))
                    .forEach(line -> trained.add(line.substring(0, line.indexOf('?') + 1)));
        }
        assertThat(trained).hasSizeGreaterThan(300);
        for (Part part : List.of(Part.DEMONSTRATIONS, Part.RANKINGS, Part.PROMPTS)) {
            trained.addAll(openQuestions(part));
        }
        for (Part part : List.of(
                Part.EVAL_PROMPTS, Part.RANKINGS_EVAL, Part.RANKINGS_HELDOUT_LABELERS, Part.DEMONSTRATIONS_EVAL)) {
            assertThat(openQuestions(part))
                    .as(part.partName())
                    .hasSizeGreaterThan(30)
                    .doesNotContainAnyElementsOf(trained);
        }
    }

    /** Without the forms that they ask for. */
    private static Set<String> openQuestions(Part part) {
        Set<String> questions = new HashSet<>();
        WORLD.stream(part)
                .filter(row -> row.tags().useCase().equals(UseCase.OPEN_QA.label()))
                .forEach(row -> questions.add(Form.stripped(row.promptKey().strip())));
        return questions;
    }

    @Test
    void asksOnlyDifferentPromptsInTheEvaluation() {
        assertThat(WORLD.stream(Part.EVAL_PROMPTS).map(DataRecord::promptKey))
                .hasSize(500)
                .doesNotHaveDuplicates();
    }

    @Test
    void understandsEveryPromptAndGivesEveryDemonstrationAUtility() {
        WORLD.stream(Part.DEMONSTRATIONS).forEach(row -> {
            PromptCompletion demonstration = (PromptCompletion) row;
            UtilityScore score =
                    WORLD.utility().utility(text(demonstration.prompt()), text(demonstration.completion()));
            assertThat(score.useCase().label()).isEqualTo(row.tags().useCase());
            assertThat(score.total()).as(row.toString()).isBetween(-1.0, 1.0);
            assertThat(score.garbled())
                    .as("a demonstration is made of words: %s", row)
                    .isEqualTo(0);
        });
    }

    @Test
    void ranksFourToNineDifferentResponses() {
        Set<Integer> sizes = new HashSet<>();
        WORLD.stream(Part.RANKINGS).forEach(row -> {
            Ranking ranking = (Ranking) row;
            sizes.add(ranking.responses().size());
            assertThat(ranking.responses()).doesNotHaveDuplicates();
            assertThat(ranking.ranks()).doesNotHaveDuplicates();
        });

        assertThat(sizes).containsExactlyInAnyOrder(4, 5, 6, 7, 8, 9);
    }

    @Test
    void hasTrainingLabelersWhoAgreeOnSeventyThreePercentOfPairs() {
        assertThat(agreement(WORLD.trainingLabelers(), WORLD.trainingLabelers()))
                .isCloseTo(0.73, within(0.02));
    }

    /** InstructGPT's held-out labelers agree among each other as often as its training labelers do. */
    @Test
    void hasHeldOutLabelersWhoAgreeLessWithEachOtherAndAsOftenWithTrainingLabelers() {
        assertThat(agreement(WORLD.heldOutLabelers(), WORLD.heldOutLabelers())).isCloseTo(0.70, within(0.04));
        assertThat(agreement(WORLD.heldOutLabelers(), WORLD.trainingLabelers())).isCloseTo(0.72, within(0.04));
    }

    /** In which share of pairs of answers two different labelers, one of each list, have the same order. */
    private static double agreement(List<Labeler> some, List<Labeler> others) {
        double agreed = 0;
        double pairs = 0;
        for (long i = 0; i < 400; i++) {
            Candidates candidates = WORLD.candidates(Part.Split.RANKINGS, i);
            for (Labeler first : some) {
                List<Integer> ranks = World.ranksBy(first, candidates);
                for (Labeler second : others) {
                    if (first != second) {
                        agreed += agreements(ranks, World.ranksBy(second, candidates));
                        pairs += ranks.size() * (ranks.size() - 1) / 2.0;
                    }
                }
            }
        }
        return agreed / pairs;
    }

    private static int agreements(List<Integer> first, List<Integer> second) {
        int agreements = 0;
        for (int i = 0; i < first.size(); i++) {
            for (int j = 0; j < i; j++) {
                agreements += first.get(i) < first.get(j) == second.get(i) < second.get(j) ? 1 : 0;
            }
        }
        return agreements;
    }

    @Test
    void putsTheTrueRanksBesideTheNoisyOnes() {
        for (long i = 0; i < 100; i++) {
            Ranking noisy = (Ranking) WORLD.get(Part.RANKINGS_EVAL, i);
            Ranking truth = (Ranking) WORLD.get(Part.RANKINGS_EVAL_TRUE, i);
            assertThat(truth.responses()).isEqualTo(noisy.responses());
            List<Double> totals = totals(truth);
            for (int a = 0; a < totals.size(); a++) {
                for (int b = 0; b < a; b++) {
                    if (truth.ranks().get(a) < truth.ranks().get(b)) {
                        assertThat(totals.get(a)).isGreaterThan(totals.get(b));
                    }
                }
            }
        }
    }

    private static List<Double> totals(Ranking ranking) {
        return ranking.responses().stream()
                .map(response -> WORLD.utility()
                        .utility(text(ranking.prompt()), text(response))
                        .total())
                .toList();
    }

    @Test
    void takesPreferencesFromTheRankingsOfTheSameLabeler() {
        for (long i = 0; i < 90; i++) {
            PreferencePair pair = (PreferencePair) WORLD.get(Part.PREFERENCES, i);
            Ranking ranking = (Ranking) WORLD.get(Part.RANKINGS, i);
            assertThat(pair.prompt()).isEqualTo(ranking.prompt());
            int chosen = ranking.ranks().get(ranking.responses().indexOf(pair.chosen()));
            int rejected = ranking.ranks().get(ranking.responses().indexOf(pair.rejected()));
            assertThat(chosen).isLessThan(rejected);
        }
    }

    @ParameterizedTest
    @EnumSource(Part.class)
    void writesAPartAsJsonLinesThatHoldItsRecords(Part part, @TempDir Path folder) throws IOException {
        World small = new World(3, new WorldSize(60, 30, 30, 30, 10, 30, 30));
        Path file = folder.resolve("part.jsonl");

        small.write(part, file);

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).isEqualTo(small.stream(part).map(RecordJson::toLine).toList());
        JsonNode first = new ObjectMapper().readTree(lines.get(0));
        List<String> columns = new ArrayList<>();
        first.fieldNames().forEachRemaining(columns::add);
        assertThat(columns).contains(part.kind().columns().split(", ", -1)).contains("id", "use_case");
    }

    @Test
    void namesAllPartsWhereOneIsUnknown() {
        assertThatThrownBy(() -> Part.named("demos"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("synthetic:demos")
                .hasMessageContaining("rankings_eval_true");
    }

    @Test
    void rowsOfAUseCaseCanBeLeftOut() {
        Worlds worlds = new Worlds(WorldSize.STANDARD);
        List<DataRecord> all =
                WorldPart.named("demonstrations_eval", worlds).records(7).toList();
        List<DataRecord> others = WorldPart.named("demonstrations_eval/without=chat", worlds)
                .records(7)
                .toList();
        assertThat(others)
                .isEqualTo(all.stream()
                        .filter(row -> !row.tags().useCase().equals("chat"))
                        .toList())
                .hasSizeBetween(500, 590);
        assertThatThrownBy(() -> WorldPart.named("demonstrations/without=chats", worlds))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("unknown: chats")
                .hasMessageContaining("open_qa");
        assertThatThrownBy(() -> WorldPart.named("pretrain/without=chat", worlds))
                .isInstanceOf(UserError.class);
        assertThatThrownBy(() -> WorldPart.named("prompts/chat", worlds)).hasMessageContaining("part too many");
    }
}
