package io.github.rlhf4j.world;

import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.RowTags;
import io.github.rlhf4j.datasets.StepwiseSupervision;
import java.util.ArrayList;
import java.util.List;

/**
 * The way to the answer of a problem of {@link Arithmetic}, an operation a line, and which of its steps are right.
 *
 * <pre>
 *   (3 + 4) * 2 - 5 =
 *   3 + 4 = 7
 *   7 * 2 = 14
 *   14 - 5 = 9
 * </pre>
 *
 * @param steps without line feeds
 * @param labels a step is right where it and all before it are
 */
record WorkedSteps(List<String> steps, List<Boolean> labels) {
    private static final int[] WRONG_BY = {1, 2, 3, 10};

    /** What is asked. */
    static String prompt(Arithmetic.Problem problem) {
        return problem.text() + " =\n";
    }

    /** All right. */
    static WorkedSteps of(Arithmetic.Problem problem) {
        return withError(problem, problem.operations().size(), 0, false);
    }

    /**
     * Half of them with an error: a result that is off by 1, 2, 3 or 10, or a number that was copied wrong. What follows an error goes on from it.
     */
    static WorkedSteps labelled(Arithmetic.Problem problem, Draw draw) {
        if (draw.chance(0.5)) {
            return of(problem);
        }
        int step = draw.below(problem.operations().size());
        int by = WRONG_BY[draw.below(WRONG_BY.length)] * (draw.chance(0.5) ? 1 : -1);
        return withError(problem, step, by, draw.chance(1 / 3.0));
    }

    private static WorkedSteps withError(Arithmetic.Problem problem, int wrong, int by, boolean isInNumber) {
        List<String> steps = new ArrayList<>();
        List<Boolean> labels = new ArrayList<>();
        int value = problem.operations().get(0).left();
        boolean isRight = true;
        for (int i = 0; i < problem.operations().size(); i++) {
            Arithmetic.Operation right = problem.operations().get(i);
            Arithmetic.Operation done = i == wrong && isInNumber
                    ? new Arithmetic.Operation(right.left(), right.operator(), Math.abs(right.right() + by))
                    : right;
            int result = done.from(value) + (i == wrong && !isInNumber ? by : 0);
            steps.add(value + " " + done.operator() + " " + done.right() + " = " + result);
            isRight &= done.equals(right) && result == right.result();
            labels.add(isRight);
            value = result;
        }
        return new WorkedSteps(steps, labels);
    }

    /** An answer. */
    String text() {
        return String.join("\n", steps);
    }

    StepwiseSupervision row(Arithmetic.Problem problem) {
        return new StepwiseSupervision(Content.of(prompt(problem)), steps, labels, new RowTags("", problem.useCase()));
    }
}
