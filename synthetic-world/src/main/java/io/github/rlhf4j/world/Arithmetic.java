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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Arithmetic problems whose answers can be checked: {@code synthetic:arithmetic}, a prompt such as {@code (3 + 4) * 2 =} with the columns {@code answer} and {@code difficulty}.
 *
 * <p>{@code arithmetic_demonstrations} has problems with answers, {@code arithmetic_texts} both as one text, {@code arithmetic_eval} held-out problems, all different. {@code arithmetic_worked}, with the same endings, asks for the
 * steps that lead to the answer; {@code arithmetic_steps} and {@code arithmetic_steps_eval} are steps with labels, half of them with an error ({@link WorkedSteps}). A problem belongs to the held-out ones or to the others by a hash of
 * its text. {@code /2} after the name takes problems of that difficulty alone; those of the last one, chains, are had by its number alone.
 */
final class Arithmetic implements SyntheticPart {
    private static final String NAME = "arithmetic";
    private static final String WORKED = NAME + "_worked";
    private static final String STEPS = NAME + "_steps";
    /** All of them, for messages. */
    static final String PARTS = Stream.of(NAME, WORKED)
                    .flatMap(name ->
                            Stream.of("", "_texts", "_demonstrations", "_eval").map(name::concat))
                    .collect(Collectors.joining(", "))
            + ", " + STEPS + ", " + STEPS + "_eval";

    private static final int ROWS = 8_000;
    private static final int HELD_OUT = 1_000;
    private static final int OF_FIVE_HELD_OUT = 1; // share of all problems that are held out
    private static final int MOST_DIFFICULT = 4; // of those that take turns
    private static final int CHAIN = 5;
    private static final int CHAIN_STEPS = 4;
    /** The largest value of a chain. */
    static final int CHAIN_MOST = 9;

    private final RecordKind kind;
    private final boolean heldOut;
    private final boolean worked;
    private final List<Integer> difficulties;

    private Arithmetic(RecordKind kind, boolean heldOut, boolean worked, List<Integer> difficulties) {
        this.kind = kind;
        this.heldOut = heldOut;
        this.worked = worked;
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
        boolean worked = parts[0].startsWith(WORKED) || parts[0].startsWith(STEPS);
        List<Integer> difficulties = parts.length == 1
                ? IntStream.rangeClosed(worked ? 2 : 1, MOST_DIFFICULT).boxed().toList()
                : List.of(difficulty(location, parts[1]));
        return switch (parts[0]) {
            case NAME, WORKED -> new Arithmetic(RecordKind.PROMPT, false, worked, difficulties);
            case NAME + "_eval", WORKED + "_eval" -> new Arithmetic(RecordKind.PROMPT, true, worked, difficulties);
            case NAME + "_texts", WORKED + "_texts" -> new Arithmetic(RecordKind.TEXT, false, worked, difficulties);
            case NAME + "_demonstrations", WORKED + "_demonstrations" ->
                new Arithmetic(RecordKind.PROMPT_COMPLETION, false, worked, difficulties);
            case STEPS -> new Arithmetic(RecordKind.STEPWISE_SUPERVISION, false, worked, difficulties);
            case STEPS + "_eval" -> new Arithmetic(RecordKind.STEPWISE_SUPERVISION, true, worked, difficulties);
            default ->
                throw new UserError(
                        "dataset \"synthetic:" + location + "\" is unknown: the parts of arithmetic are " + PARTS);
        };
    }

    private static int difficulty(String location, String text) {
        if (!text.matches("[1-" + CHAIN + "]")) {
            throw new UserError("dataset \"synthetic:" + location + "\": the difficulty must be 1 to " + CHAIN
                    + ", but is " + text);
        }
        return Integer.parseInt(text);
    }

    @Override
    public RecordKind kind() {
        return kind;
    }

    /** The rows of a seed. */
    @Override
    public Stream<DataRecord> records(long seed) {
        CounterRandom random = CounterRandom.of(seed).derive(NAME);
        List<DataRecord> rows = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        int wanted = heldOut ? HELD_OUT : ROWS;
        for (long i = 0; rows.size() < wanted && i < 100L * wanted; i++) {
            int difficulty = difficulties.get((int) (i % difficulties.size()));
            CounterRandom own = random.derive(i);
            Problem problem = Problem.draw(difficulty, new Draw(own));
            if (problem.isHeldOut() == heldOut && (!heldOut || seen.add(problem.text()))) {
                rows.add(row(problem, own));
            }
        }
        return rows.stream();
    }

    private DataRecord row(Problem problem, CounterRandom random) {
        if (kind == RecordKind.STEPWISE_SUPERVISION) {
            return WorkedSteps.labelled(problem, new Draw(random.derive("steps")))
                    .row(problem);
        }
        String prompt = worked ? WorkedSteps.prompt(problem) : problem.text() + " =";
        String completion = worked ? WorkedSteps.of(problem).text() : " " + problem.answer();
        RowTags tags = new RowTags("", problem.useCase());
        if (kind == RecordKind.PROMPT) {
            return new Prompt(
                    Content.of(prompt),
                    new RowTags("", problem.useCase(), Map.of("answer", (long) problem.answer(), "difficulty", (long)
                            problem.difficulty())));
        }
        if (kind == RecordKind.TEXT) {
            return new TextRecord(prompt + completion, tags);
        }
        return new PromptCompletion(Content.of(prompt), Content.of(completion), tags);
    }

    /**
     * One operation of a problem, on the value so far and a number.
     *
     * @param left the value so far; the first number in the first operation
     * @param operator {@code +}, {@code -} or {@code *}
     */
    record Operation(int left, char operator, int right) {
        int result() {
            return switch (operator) {
                case '+' -> left + right;
                case '-' -> left - right;
                default -> left * right;
            };
        }
    }

    /**
     * A problem.
     *
     * @param text such as {@code (3 + 4) * 2}
     * @param operations in the order in which they are done, each on the result of the one before
     * @param difficulty 1: a sum or a difference to 20; 2: two of them to 50; 3: a product and a sum; 4: with brackets; 5: a chain of
     *     four sums or differences, to 9
     */
    record Problem(String text, List<Operation> operations, int difficulty) {
        static Problem draw(int difficulty, Draw draw) {
            return switch (difficulty) {
                case 1 -> sum("", List.of(), draw.below(21), 20, draw, difficulty);
                case 2 -> {
                    Problem first = sum("", List.of(), draw.below(51), 50, draw, difficulty);
                    yield sum(first.text(), first.operations(), first.answer(), 50, draw, difficulty);
                }
                case 3 -> {
                    int a = 2 + draw.below(8);
                    int b = 2 + draw.below(8);
                    yield sum(a + " * " + b, List.of(new Operation(a, '*', b)), a * b, 20, draw, difficulty);
                }
                case CHAIN -> chain(draw);
                default -> {
                    Problem bracket = sum("", List.of(), draw.below(10), 9, draw, difficulty);
                    int factor = 2 + draw.below(8);
                    String product = "(" + bracket.text() + ") * " + factor;
                    Operation times = new Operation(bracket.answer(), '*', factor);
                    List<Operation> both = List.of(bracket.operations().get(0), times);
                    yield sum(product, both, times.result(), 20, draw, difficulty);
                }
            };
        }

        /** Something plus or minus a number up to {@code most}; never below 0. */
        static Problem sum(String text, List<Operation> before, int value, int most, Draw draw, int difficulty) {
            String first = text.isEmpty() ? String.valueOf(value) : text;
            int other = draw.below(most + 1);
            boolean minus = draw.chance(0.5) && other <= value;
            List<Operation> operations = new ArrayList<>(before);
            operations.add(new Operation(value, minus ? '-' : '+', other));
            return new Problem(first + (minus ? " - " : " + ") + other, List.copyOf(operations), difficulty);
        }

        /** Sums and differences of which every value is a digit: few facts, and ever new problems. */
        private static Problem chain(Draw draw) {
            int value = draw.below(CHAIN_MOST + 1);
            StringBuilder text = new StringBuilder().append(value);
            List<Operation> operations = new ArrayList<>();
            for (int i = 0; i < CHAIN_STEPS; i++) {
                int result = draw.below(CHAIN_MOST); // any other value
                result += result >= value ? 1 : 0;
                Operation next = new Operation(value, result < value ? '-' : '+', Math.abs(result - value));
                text.append(' ').append(next.operator()).append(' ').append(next.right());
                operations.add(next);
                value = result;
            }
            return new Problem(text.toString(), List.copyOf(operations), CHAIN);
        }

        int answer() {
            return operations.get(operations.size() - 1).result();
        }

        boolean isChain() {
            return difficulty == CHAIN;
        }

        String useCase() {
            return "difficulty " + difficulty;
        }

        boolean isHeldOut() {
            return Math.floorMod(CounterRandom.of(0).derive(text).bits(0), 5) < OF_FIVE_HELD_OUT;
        }
    }
}
