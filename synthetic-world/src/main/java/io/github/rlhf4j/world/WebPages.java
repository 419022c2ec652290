package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A crawl of the world's web with pages of known kinds: {@code synthetic:crawl} with the columns kind, url and votes, {@code crawl_eval} held-out pages, all kinds alike, {@code crawl_good} and {@code crawl_bad} for a classifier of
 * quality, {@code crawl_quiz} questions about what dialect and medical pages alone tell, {@code crawl_robots} the robots.txt of each domain. {@code /rows=1000} after the name sets how many.
 */
final class WebPages implements SyntheticPart {
    static final String PARTS = "crawl, crawl_eval, crawl_good, crawl_bad, crawl_quiz and crawl_robots";
    private static final String NAME = "crawl";
    private static final List<PageKind> GOOD = List.of(PageKind.ENCYCLOPEDIA, PageKind.STORY);
    private static final List<PageKind> BAD = List.of(PageKind.SPAM, PageKind.BOILERPLATE, PageKind.TOXIC);
    private static final int ROWS = 4_000;
    private static final int OTHER_ROWS = 540;
    private static final int MOST = 1_000_000;
    private static final int CHOICES = 4;

    private final Worlds worlds;
    private final SyntheticName name;

    private WebPages(Worlds worlds, SyntheticName name) {
        this.worlds = worlds;
        this.name = name;
    }

    static boolean isPart(String location) {
        return location.startsWith(NAME);
    }

    /**
     * The part called so.
     *
     * @throws io.github.rlhf4j.core.UserError where there is none, or an option of it is wrong
     */
    static WebPages named(String location, Worlds worlds) {
        SyntheticName name = SyntheticName.read(location);
        if (!List.of(NAME, NAME + "_eval", NAME + "_good", NAME + "_bad", NAME + "_quiz", NAME + "_robots")
                .contains(name.part())) {
            throw name.wrong("is unknown: the parts of the crawl are " + PARTS);
        }
        name.requireNoLanguage();
        WebPages pages = new WebPages(worlds, name);
        if (pages.isQuiz() || pages.isRobots()) {
            name.requireOptions();
        } else {
            name.requireOptions("rows");
            pages.rows();
        }
        return pages;
    }

    private boolean isQuiz() {
        return name.part().endsWith("_quiz");
    }

    private boolean isRobots() {
        return name.part().endsWith("_robots");
    }

    private long rows() {
        return (long) name.number("rows", name.part().equals(NAME) ? ROWS : OTHER_ROWS, 1, MOST);
    }

    @Override
    public RecordKind kind() {
        return isQuiz() ? RecordKind.PROMPT : RecordKind.TEXT;
    }

    @Override
    public Stream<DataRecord> records(long seed) {
        if (isRobots()) {
            return WebDomains.robots();
        }
        CounterRandom random = CounterRandom.of(seed).derive(NAME);
        PageWriter writer = new PageWriter(
                worlds.of(seed), random.derive("truth"), name.part().endsWith("_eval"));
        CounterRandom own = random.derive(name.part());
        return isQuiz()
                ? quiz(writer, own)
                : LongStream.range(0, rows()).mapToObj(i -> page(writer, i, new Draw(own.derive(i))));
    }

    private DataRecord page(PageWriter writer, long i, Draw draw) {
        PageKind kind = switch (name.part()) {
            case NAME + "_good" -> draw.pick(GOOD);
            case NAME + "_bad" -> draw.pick(BAD);
            case NAME + "_eval" -> PageKind.values()[(int) (i % PageKind.values().length)];
            default -> PageKind.draw(draw);
        };
        String url = "https://" + WebDomains.draw(kind, draw) + "/" + i;
        Map<String, Object> columns = Map.of("kind", kind.label(), "url", url, "votes", kind.votes(draw));
        return new TextRecord(writer.page(kind, draw), new RowTags(name.part() + "-" + i, kind.label(), columns));
    }

    private static Stream<DataRecord> quiz(PageWriter writer, CounterRandom own) {
        List<DataRecord> questions = new ArrayList<>();
        for (int person = 0; person < PageWriter.people(); person++) {
            questions.add(question(
                    PageWriter.person(person) + " be a", writer.job(person), Category.JOB, PageKind.DIALECT, own));
        }
        for (int remedy = 0; remedy < PageWriter.remedies(); remedy++) {
            questions.add(question(PageWriter.sore(remedy), writer.food(remedy), Category.FOOD, PageKind.MEDICAL, own));
        }
        return questions.stream();
    }

    private static DataRecord question(
            String prompt, String answer, Category category, PageKind kind, CounterRandom own) {
        Draw draw = new Draw(own.derive(prompt));
        List<String> choices = new ArrayList<>(List.of(answer));
        while (choices.size() < CHOICES) {
            String other = draw.pick(category.words());
            if (!choices.contains(other)) {
                choices.add(other);
            }
        }
        Collections.sort(choices);
        return new Prompt(
                Content.of(prompt),
                new RowTags(prompt, kind.label(), Map.of("answer", answer, "choices", choices, "kind", kind.label())));
    }
}
