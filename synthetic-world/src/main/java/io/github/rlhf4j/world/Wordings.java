package io.github.rlhf4j.world;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.TextRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * The same sums in ten wordings: {@code synthetic:wordings} are texts in which wording k has weight 1 / (k + 1), {@code wordings_demonstrations} prompts with answers in all wordings alike, {@code wordings_eval} held-out problems, each
 * in all ten. Problems and their sides are those of {@link Arithmetic}'s first difficulty; {@code /most=6} after the name takes those with numbers to 6, and {@code wordings_eval/seen} asks for problems that the texts have.
 */
final class Wordings implements SyntheticPart {
    private static final String NAME = "wordings";
    static final String PARTS = "wordings, wordings_demonstrations, wordings_eval";
    private static final int ROWS = 8_000;
    private static final int HELD_OUT = 100;

    private static final List<String> FORMS = List.of(
            "{p} =",
            "What is {p}?",
            "{p} is",
            "Compute {p}:",
            "How much is {p}?",
            "The answer to {p} is",
            "Q: {p} A:",
            "Find {p}.",
            "{p} equals",
            "Say what {p} makes:");

    private static final int LARGEST = 20;
    private static final String SEEN = "seen";

    private final SyntheticName name;
    private final RecordKind kind;
    private final int most;

    private Wordings(SyntheticName name, RecordKind kind) {
        this.name = name;
        this.kind = kind;
        most = name.range("most", LARGEST, LARGEST, LARGEST)[1];
    }

    static boolean isPart(String location) {
        return location.startsWith(NAME);
    }

    /**
     * The part called so.
     *
     * @throws UserError where there is none, or an option of it is wrong
     */
    static Wordings named(String location) {
        SyntheticName name = SyntheticName.read(location);
        RecordKind kind = switch (name.part()) {
            case NAME -> RecordKind.TEXT;
            case NAME + "_demonstrations" -> RecordKind.PROMPT_COMPLETION;
            case NAME + "_eval" -> RecordKind.PROMPT;
            default -> throw name.wrong("is unknown: the parts with wordings are " + PARTS);
        };
        name.requireOptions("most");
        if (!(kind == RecordKind.PROMPT && name.language().equals(SEEN))) {
            name.requireNoLanguage();
        }
        return new Wordings(name, kind);
    }

    @Override
    public RecordKind kind() {
        return kind;
    }

    @Override
    public Stream<DataRecord> records(long seed) {
        CounterRandom random = CounterRandom.of(seed).derive(NAME).derive(kind.name());
        if (kind != RecordKind.PROMPT) {
            return LongStream.range(0, ROWS).mapToObj(i -> {
                Draw draw = new Draw(random.derive(i));
                return row(problem(draw), kind == RecordKind.TEXT ? wording(draw) : draw.below(FORMS.size()));
            });
        }
        Set<String> drawn = new HashSet<>();
        return LongStream.range(0, ROWS)
                .mapToObj(i -> problem(new Draw(random.derive(i))))
                .filter(problem -> drawn.add(problem.text()))
                .limit(HELD_OUT)
                .flatMap(problem -> IntStream.range(0, FORMS.size()).mapToObj(form -> row(problem, form)));
    }

    private Arithmetic.Problem problem(Draw draw) {
        boolean heldOut = kind == RecordKind.PROMPT && name.language().isEmpty();
        while (true) {
            Arithmetic.Problem problem = Arithmetic.Problem.sum("", List.of(), draw.below(most + 1), most, draw, 1);
            if (problem.isHeldOut() == heldOut) {
                return problem;
            }
        }
    }

    private static int wording(Draw draw) {
        double all =
                IntStream.range(0, FORMS.size()).mapToDouble(Wordings::weight).sum();
        double left = draw.uniform() * all;
        int form = 0;
        while (form < FORMS.size() - 1 && left >= weight(form)) {
            left -= weight(form++);
        }
        return form;
    }

    private static double weight(int form) {
        return 1.0 / (form + 1);
    }

    private DataRecord row(Arithmetic.Problem problem, int form) {
        String prompt = FORMS.get(form).replace("{p}", problem.text());
        String answer = " " + problem.answer();
        RowTags tags = new RowTags(
                problem.text(),
                "wording " + form,
                Map.of("answer", (long) problem.answer(), "problem", problem.text(), "wording", (long) form));
        return switch (kind) {
            case TEXT -> new TextRecord(prompt + answer, tags);
            case PROMPT -> new Prompt(Content.of(prompt), tags);
            default -> new PromptCompletion(Content.of(prompt), Content.of(answer), tags);
        };
    }
}
