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
        return with(problem, Slip.NONE);
    }

    /**
     * Half of them with an error. What follows an error goes on from it.
     *
     * <p>Of most problems a result that is off by 1, 2, 3 or 10, or a number that was copied wrong. In a chain a result, a number or the value so far that is another digit, in equal shares; the step itself looks like any other.
     */
    static WorkedSteps labelled(Arithmetic.Problem problem, Draw draw) {
        if (draw.chance(0.5)) {
            return of(problem);
        }
        int step = draw.below(problem.operations().size());
        if (problem.isChain()) {
            return with(problem, Slip.inChain(step, problem.operations().get(step), draw));
        }
        int by = WRONG_BY[draw.below(WRONG_BY.length)] * (draw.chance(0.5) ? 1 : -1);
        return with(problem, draw.chance(1 / 3.0) ? new Slip(step, 0, by, 0) : new Slip(step, 0, 0, by));
    }

    /**
     * What goes wrong in one step.
     *
     * @param step its index; -1: none
     * @param value what is added to the value so far
     * @param number to the number
     * @param result to the result
     */
    private record Slip(int step, int value, int number, int result) {
        static final Slip NONE = new Slip(-1, 0, 0, 0);

        static Slip inChain(int step, Arithmetic.Operation right, Draw draw) {
            boolean plus = right.operator() == '+';
            int most = Arithmetic.CHAIN_MOST;
            int kind = draw.below(3);
            if (kind == 0) {
                int number = other(right.right(), 0, plus ? most - right.left() : right.left(), draw);
                return new Slip(step, 0, number - right.right(), 0);
            }
            if (kind == 1 && right.right() < most) {
                int value = other(right.left(), plus ? 0 : right.right(), plus ? most - right.right() : most, draw);
                return new Slip(step, value - right.left(), 0, 0);
            }
            return new Slip(step, 0, 0, other(right.result(), 0, most, draw) - right.result());
        }

        /** Another number of a range. */
        private static int other(int right, int least, int most, Draw draw) {
            int drawn = least + draw.below(most - least);
            return drawn >= right ? drawn + 1 : drawn;
        }

        int of(int index, int added) {
            return index == step ? added : 0;
        }
    }

    private static WorkedSteps with(Arithmetic.Problem problem, Slip slip) {
        List<String> steps = new ArrayList<>();
        List<Boolean> labels = new ArrayList<>();
        int value = problem.operations().get(0).left();
        boolean isRight = true;
        for (int i = 0; i < problem.operations().size(); i++) {
            Arithmetic.Operation right = problem.operations().get(i);
            Arithmetic.Operation done = new Arithmetic.Operation(
                    value + slip.of(i, slip.value()),
                    right.operator(),
                    Math.abs(right.right() + slip.of(i, slip.number())));
            int result = done.result() + slip.of(i, slip.result());
            steps.add(done.left() + " " + done.operator() + " " + done.right() + " = " + result);
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
