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
 * in all ten. Problems and their sides are those of {@link Arithmetic}'s first difficulty.
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

    private final RecordKind kind;
    private final boolean heldOut;

    private Wordings(RecordKind kind, boolean heldOut) {
        this.kind = kind;
        this.heldOut = heldOut;
    }

    static boolean isPart(String location) {
        return location.startsWith(NAME);
    }

    /**
     * The part called so.
     *
     * @throws UserError where there is none
     */
    static Wordings named(String location) {
        return switch (location) {
            case NAME -> new Wordings(RecordKind.TEXT, false);
            case NAME + "_demonstrations" -> new Wordings(RecordKind.PROMPT_COMPLETION, false);
            case NAME + "_eval" -> new Wordings(RecordKind.PROMPT, true);
            default ->
                throw new UserError(
                        "dataset \"synthetic:" + location + "\" is unknown: the parts with wordings are " + PARTS);
        };
    }

    @Override
    public RecordKind kind() {
        return kind;
    }

    @Override
    public Stream<DataRecord> records(long seed) {
        CounterRandom random = CounterRandom.of(seed).derive(NAME).derive(kind.name());
        if (!heldOut) {
            return LongStream.range(0, ROWS).mapToObj(i -> {
                Draw draw = new Draw(random.derive(i));
                return row(problem(draw), kind == RecordKind.TEXT ? wording(draw) : draw.below(FORMS.size()));
            });
        }
        Set<String> seen = new HashSet<>();
        return LongStream.range(0, ROWS)
                .mapToObj(i -> problem(new Draw(random.derive(i))))
                .filter(problem -> seen.add(problem.text()))
                .limit(HELD_OUT)
                .flatMap(problem -> IntStream.range(0, FORMS.size()).mapToObj(form -> row(problem, form)));
    }

    private Arithmetic.Problem problem(Draw draw) {
        while (true) {
            Arithmetic.Problem problem = Arithmetic.Problem.draw(1, draw);
            if (problem.isHeldOut() == heldOut) {
                return problem;
            }
        }
    }

    private static int wording(Draw draw) {
        double all = IntStream.range(0, FORMS.size()).mapToDouble(Wordings::weight).sum();
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
