package io.github.rlhf4j.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.PromptCompletion;
import io.github.rlhf4j.datasets.StepwiseSupervision;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Problems of arithmetic: what is said to be the answer is what another evaluation of the text gives. */
class ArithmeticTest {
    private static List<DataRecord> rows(String part) {
        return Arithmetic.named(part).records(7).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void answersAreRightAndNeverNegative(int difficulty) {
        for (long i = 0; i < 500; i++) {
            Arithmetic.Problem problem = Arithmetic.Problem.draw(
                    difficulty, new Draw(CounterRandom.of(3).derive(i)));

            assertThat(problem.answer())
                    .as(problem.text())
                    .isEqualTo(value(problem.text()))
                    .isNotNegative();
            assertThat(problem.text().contains("*")).isEqualTo(difficulty == 3 || difficulty == 4);
            assertThat(problem.text().contains("(")).isEqualTo(difficulty == 4);
        }
    }

    /** By a stack of its own: numbers, + - * and brackets, * first. */
    private static int value(String text) {
        Deque<String> tokens = new ArrayDeque<>(
                List.of(text.replace("(", "( ").replace(")", " )").split(" ")));
        int value = sum(tokens);
        assertThat(tokens).isEmpty();
        return value;
    }

    private static int sum(Deque<String> tokens) {
        int value = product(tokens);
        while (!tokens.isEmpty() && (tokens.peek().equals("+") || tokens.peek().equals("-"))) {
            value += tokens.pop().equals("+") ? product(tokens) : -product(tokens);
        }
        return value;
    }

    private static int product(Deque<String> tokens) {
        int value = atom(tokens);
        while (!tokens.isEmpty() && tokens.peek().equals("*")) {
            tokens.pop();
            value *= atom(tokens);
        }
        return value;
    }

    private static int atom(Deque<String> tokens) {
        String token = tokens.pop();
        if (!token.equals("(")) {
            return Integer.parseInt(token);
        }
        int value = sum(tokens);
        assertThat(tokens.pop()).isEqualTo(")");
        return value;
    }

    @Test
    void promptsHaveTheAnswerAsAColumn() {
        Prompt first = (Prompt) rows("arithmetic").get(0);

        assertThat(first.promptKey()).endsWith(" =");
        assertThat(first.tags().columns()).containsKeys("answer", "difficulty");
        assertThat(first.tags().useCase()).isEqualTo("difficulty 1");
    }

    @Test
    void heldOutProblemsAreAThousandDifferentOnesThatNothingElseHas() {
        Set<String> heldOut =
                rows("arithmetic_eval").stream().map(DataRecord::promptKey).collect(Collectors.toSet());
        Set<String> others = new HashSet<>();
        rows("arithmetic").forEach(row -> others.add(row.promptKey()));
        rows("arithmetic_demonstrations").forEach(row -> others.add(row.promptKey()));

        assertThat(heldOut).hasSize(1_000).doesNotContainAnyElementsOf(others);
        rows("arithmetic_texts").forEach(row -> others.add(row.promptKey().replaceAll("= .*", "=")));
        assertThat(heldOut).doesNotContainAnyElementsOf(others);
        assertThat(rows("arithmetic")).hasSize(8_000);
    }

    @Test
    void aDifficultyCanBeTakenAlone() {
        assertThat(rows("arithmetic/4"))
                .hasSize(8_000)
                .allSatisfy(row -> assertThat(row.promptKey()).contains("("));
        assertThat(rows("arithmetic_demonstrations/1").get(0)).isInstanceOf(PromptCompletion.class);
    }

    @Test
    void chainsAreFourSmallStepsWithoutProducts() {
        for (DataRecord row : rows("arithmetic_worked_demonstrations/5").subList(0, 500)) {
            PromptCompletion worked = (PromptCompletion) row;
            List<String> steps = List.of(worked.completion().key().split("\n"));

            assertThat(steps).hasSize(4).allSatisfy(step -> {
                assertThat(step).matches("\\d+ [+-] [1-9] = \\d+");
                assertThat(Integer.parseInt(step.replaceAll(".* = ", ""))).isBetween(0, 9);
            });
        }
        assertThat(rows("arithmetic_worked_eval/5")).hasSize(1_000);
    }

    /** Chains came later: rows of before stay as they were. */
    @Test
    void chainsAreHadByTheirNumberAlone() {
        assertThat(rows("arithmetic"))
                .extracting(row -> ((Prompt) row).tags().useCase())
                .containsOnly("difficulty 1", "difficulty 2", "difficulty 3", "difficulty 4");
    }

    @Test
    void theSameSeedGivesTheSameProblems() {
        assertThat(rows("arithmetic")).isEqualTo(rows("arithmetic"));
        assertThat(rows("arithmetic"))
                .isNotEqualTo(Arithmetic.named("arithmetic").records(8).toList());
    }

    @Test
    void workedAnswersAreTheProblemsOperationsUpToItsAnswer() {
        for (DataRecord row : rows("arithmetic_worked_demonstrations").subList(0, 300)) {
            PromptCompletion worked = (PromptCompletion) row;
            String problem = worked.prompt().key().replace(" =\n", "");
            List<String> steps = List.of(worked.completion().key().split("\n"));

            assertThat(steps)
                    .hasSize((int)
                            problem.chars().filter(c -> "+-*".indexOf(c) >= 0).count())
                    .allSatisfy(step -> assertThat(holds(step)).as(step).isTrue());
            assertThat(last(steps)).isEqualTo(value(problem));
        }
    }

    /** A step is right where the lines up to it are true and, in the end, the value is the problem's. */
    @ParameterizedTest
    @ValueSource(strings = {"arithmetic_steps_eval", "arithmetic_steps_eval/5"})
    void aStepIsRightWhereItAndAllBeforeAre(String part) {
        int withError = 0;
        for (DataRecord row : rows(part)) {
            StepwiseSupervision labelled = (StepwiseSupervision) row;
            List<String> expected = WorkedTexts.of(labelled.prompt().key().replace(" =\n", ""));
            boolean isRight = true;
            for (int i = 0; i < labelled.completions().size(); i++) {
                isRight &= labelled.completions().get(i).equals(expected.get(i));
                assertThat(labelled.labels().get(i))
                        .as("%s step %d", labelled, i)
                        .isEqualTo(isRight);
            }
            withError += isRight ? 0 : 1;
        }
        assertThat(withError).isBetween(400, 600);
        assertThat(rows(part)).hasSize(1_000);
    }

    /** Else what is out of range would give an error away. */
    @Test
    void theFirstErrorOfAChainIsBetweenDigits() {
        for (DataRecord row : rows("arithmetic_steps/5")) {
            StepwiseSupervision labelled = (StepwiseSupervision) row;
            int first = labelled.labels().indexOf(false);
            String text = String.join("\n", labelled.completions().subList(0, first < 0 ? 4 : first + 1));
            assertThat(text).matches("(\\d [+-] \\d = \\d\n?)+");
        }
    }

    /** As they were before chains. */
    @Test
    void labelledStepsOfOtherProblemsStayAsTheyWere() {
        String all = rows("arithmetic_steps").stream()
                .map(StepwiseSupervision.class::cast)
                .map(row -> row.prompt().key() + row.completions() + row.labels())
                .collect(Collectors.joining());
        assertThat(all.hashCode()).isEqualTo(1_809_946_020);
    }

    /** The operations of a problem, done one after the other. */
    private static final class WorkedTexts {
        static List<String> of(String problem) {
            Deque<String> tokens = new ArrayDeque<>(
                    List.of(problem.replace("(", "").replace(")", "").split(" ")));
            List<String> steps = new ArrayList<>();
            int value = Integer.parseInt(tokens.pop());
            while (!tokens.isEmpty()) {
                String operator = tokens.pop();
                int other = Integer.parseInt(tokens.pop());
                int result =
                        operator.equals("+") ? value + other : operator.equals("-") ? value - other : value * other;
                steps.add(value + " " + operator + " " + other + " = " + result);
                value = result;
            }
            return steps;
        }
    }

    private static boolean holds(String step) {
        String[] sides = step.split(" = ");
        return value(sides[0]) == Integer.parseInt(sides[1]);
    }

    private static int last(List<String> steps) {
        return Integer.parseInt(steps.get(steps.size() - 1).replaceAll(".* = ", ""));
    }

    @Test
    void workedProblemsKeepTheHeldOutOnesApart() {
        Set<String> heldOut = rows("arithmetic_worked_eval").stream()
                .map(DataRecord::promptKey)
                .collect(Collectors.toSet());
        Set<String> others = new HashSet<>();
        rows("arithmetic_worked").forEach(row -> others.add(row.promptKey()));
        rows("arithmetic_steps").forEach(row -> others.add(row.promptKey()));

        assertThat(heldOut).hasSize(1_000).doesNotContainAnyElementsOf(others);
        assertThat(rows("arithmetic_worked_texts").get(0).promptKey()).contains(" =\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"arithmetic/6", "arithmetic/x", "arithmetic_test"})
    void anUnknownPartIsRefused(String part) {
        assertThatThrownBy(() -> Arithmetic.named(part))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(part);
    }
}
