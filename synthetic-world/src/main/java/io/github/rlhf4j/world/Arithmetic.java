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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Arithmetic problems whose answers can be checked: {@code synthetic:arithmetic}, a prompt such as {@code (3 + 4) * 2 =} with the columns {@code answer} and {@code difficulty}.
 *
 * <p>{@code arithmetic_demonstrations} has problems with answers, {@code arithmetic_texts} both as one text, {@code arithmetic_eval} held-out problems, all different. A problem belongs to the held-out ones or to the others by a hash of its text. {@code /2} after the
 * name takes problems of that difficulty alone.
 */
final class Arithmetic {
    private static final String NAME = "arithmetic";
    private static final int ROWS = 8_000;
    private static final int HELD_OUT = 1_000;
    private static final int OF_FIVE_HELD_OUT = 1; // share of all problems that are held out
    private static final int MOST_DIFFICULT = 4;

    private final RecordKind kind;
    private final boolean heldOut;
    private final List<Integer> difficulties;

    private Arithmetic(RecordKind kind, boolean heldOut, List<Integer> difficulties) {
        this.kind = kind;
        this.heldOut = heldOut;
        this.difficulties = difficulties;
    }

    /** Whether a part of the synthetic data is one of these. */
    static boolean isPart(String location) {
        return location.startsWith(NAME);
    }

    /**
     * The part called so.
     *
     * @throws UserError where there is none
     */
    static Arithmetic named(String location) {
        String[] parts = location.split("/", 2);
        List<Integer> difficulties = parts.length == 1 ? all() : List.of(difficulty(location, parts[1]));
        return switch (parts[0]) {
            case NAME -> new Arithmetic(RecordKind.PROMPT, false, difficulties);
            case NAME + "_eval" -> new Arithmetic(RecordKind.PROMPT, true, difficulties);
            case NAME + "_texts" -> new Arithmetic(RecordKind.TEXT, false, difficulties);
            case NAME + "_demonstrations" -> new Arithmetic(RecordKind.PROMPT_COMPLETION, false, difficulties);
            default ->
                throw new UserError(
                        "dataset \"synthetic:" + location
                                + "\" is unknown: the parts of arithmetic are arithmetic, arithmetic_texts, arithmetic_demonstrations, arithmetic_eval");
        };
    }

    private static List<Integer> all() {
        return IntStream.rangeClosed(1, MOST_DIFFICULT).boxed().toList();
    }

    private static int difficulty(String location, String text) {
        if (!text.matches("[1-" + MOST_DIFFICULT + "]")) {
            throw new UserError("dataset \"synthetic:" + location + "\": the difficulty must be 1 to " + MOST_DIFFICULT
                    + ", but is " + text);
        }
        return Integer.parseInt(text);
    }

    RecordKind kind() {
        return kind;
    }

    /** The rows of a seed. */
    Stream<DataRecord> records(long seed) {
        CounterRandom random = CounterRandom.of(seed).derive(NAME);
        List<DataRecord> rows = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int wanted = heldOut ? HELD_OUT : ROWS;
        for (long i = 0; rows.size() < wanted && i < 100L * wanted; i++) {
            int difficulty = difficulties.get((int) (i % difficulties.size()));
            Problem problem = Problem.draw(difficulty, new Draw(random.derive(i)));
            if (problem.isHeldOut() == heldOut && (!heldOut || seen.add(problem.text()))) {
                rows.add(problem.row(kind));
            }
        }
        return rows.stream();
    }

    /**
     * A problem.
     *
     * @param text such as {@code (3 + 4) * 2 =}
     * @param answer its value
     * @param difficulty 1: a sum or a difference to 20; 2: two of them to 50; 3: a product and a sum; 4: with brackets
     */
    record Problem(String text, int answer, int difficulty) {
        static Problem draw(int difficulty, Draw draw) {
            return switch (difficulty) {
                case 1 -> sum("", draw.below(21), 20, draw, difficulty);
                case 2 -> {
                    Problem first = sum("", draw.below(51), 50, draw, difficulty);
                    yield sum(first.text(), first.answer(), 50, draw, difficulty);
                }
                case 3 -> {
                    int a = 2 + draw.below(8);
                    int b = 2 + draw.below(8);
                    yield sum(a + " * " + b, a * b, 20, draw, difficulty);
                }
                default -> {
                    Problem bracket = sum("", draw.below(10), 9, draw, difficulty);
                    int factor = 2 + draw.below(8);
                    String product = "(" + bracket.text() + ") * " + factor;
                    yield sum(product, bracket.answer() * factor, 20, draw, difficulty);
                }
            };
        }

        /** Something plus or minus a number up to {@code most}; never below 0. */
        private static Problem sum(String text, int value, int most, Draw draw, int difficulty) {
            String first = text.isEmpty() ? String.valueOf(value) : text;
            int other = draw.below(most + 1);
            boolean minus = draw.chance(0.5) && other <= value;
            return new Problem(
                    first + (minus ? " - " : " + ") + other, minus ? value - other : value + other, difficulty);
        }

        boolean isHeldOut() {
            return Math.floorMod(CounterRandom.of(0).derive(text).bits(0), 5) < OF_FIVE_HELD_OUT;
        }

        DataRecord row(RecordKind kind) {
            String prompt = text + " =";
            String useCase = "difficulty " + difficulty;
            if (kind == RecordKind.PROMPT) {
                return new Prompt(
                        Content.of(prompt),
                        new RowTags("", useCase, Map.of("answer", (long) answer, "difficulty", (long) difficulty)));
            }
            if (kind == RecordKind.TEXT) {
                return new TextRecord(prompt + " " + answer, new RowTags("", useCase));
            }
            return new PromptCompletion(Content.of(prompt), Content.of(" " + answer), new RowTags("", useCase));
        }
    }
}
