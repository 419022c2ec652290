package io.github.rlhf4j.lab.pages;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.ToDoubleFunction;

/** Limited-memory BFGS with a line search for the Armijo condition (Nocedal and Wright, Algorithms 7.4 and 7.5), for functions of a few variables. */
final class Lbfgs {
    private static final int MEMORY = 10;
    private static final int MOST_HALVINGS = 60;
    private static final double SUFFICIENT = 1e-4;
    private static final double DIFFERENCE = 1e-5;

    /** What is minimised: gives the value and writes the gradient. */
    interface Function {
        double evaluate(double[] at, double[] gradient);
    }

    /** A point and its value. */
    record Minimum(double[] at, double value) {}

    private record Step(double[] move, double[] change, double rho) {}

    private Lbfgs() {}

    /** A function whose gradient is that of central differences. */
    static Function differentiated(ToDoubleFunction<double[]> function) {
        return (at, gradient) -> {
            for (int i = 0; i < at.length; i++) {
                double[] moved = at.clone();
                moved[i] = at[i] + DIFFERENCE;
                double above = function.applyAsDouble(moved);
                moved[i] = at[i] - DIFFERENCE;
                gradient[i] = (above - function.applyAsDouble(moved)) / (2 * DIFFERENCE);
            }
            return function.applyAsDouble(at);
        };
    }

    static Minimum minimise(Function function, double[] start, int iterations) {
        int n = start.length;
        double[] at = start.clone();
        double[] gradient = new double[n];
        double value = function.evaluate(at, gradient);
        Deque<Step> memory = new ArrayDeque<>();
        for (int i = 0; i < iterations && Double.isFinite(value) && norm(gradient) > 1e-12; i++) {
            double[] direction = direction(gradient, memory);
            double slope = dot(direction, gradient);
            if (slope >= 0) {
                memory.clear();
                direction = scaled(gradient, -1);
                slope = -dot(gradient, gradient);
            }
            double length = memory.isEmpty() ? Math.min(1, 1 / norm(gradient)) : 1;
            double[] next = new double[n];
            double[] nextGradient = new double[n];
            double nextValue = Double.NaN;
            for (int halvings = 0; halvings < MOST_HALVINGS; halvings++) {
                for (int j = 0; j < n; j++) {
                    next[j] = at[j] + length * direction[j];
                }
                nextValue = function.evaluate(next, nextGradient);
                if (nextValue <= value + SUFFICIENT * length * slope) {
                    break;
                }
                length /= 2;
            }
            if (!(nextValue < value)) {
                break;
            }
            remember(memory, next, at, nextGradient, gradient);
            at = next;
            gradient = nextGradient;
            value = nextValue;
        }
        return new Minimum(at, value);
    }

    private static void remember(
            Deque<Step> memory, double[] next, double[] at, double[] nextGradient, double[] gradient) {
        double[] move = difference(next, at);
        double[] change = difference(nextGradient, gradient);
        double curvature = dot(move, change);
        if (curvature > 1e-300) {
            memory.addLast(new Step(move, change, 1 / curvature));
            if (memory.size() > MEMORY) {
                memory.removeFirst();
            }
        }
    }

    private static double[] direction(double[] gradient, Deque<Step> memory) {
        double[] q = gradient.clone();
        double[] alphas = new double[memory.size()];
        int index = memory.size();
        for (Iterator<Step> steps = memory.descendingIterator(); steps.hasNext(); ) {
            Step step = steps.next();
            alphas[--index] = step.rho() * dot(step.move(), q);
            add(q, step.change(), -alphas[index]);
        }
        if (!memory.isEmpty()) {
            Step last = memory.getLast();
            q = scaled(q, 1 / (last.rho() * dot(last.change(), last.change())));
        }
        for (Step step : memory) {
            double beta = step.rho() * dot(step.change(), q);
            add(q, step.move(), alphas[index++] - beta);
        }
        return scaled(q, -1);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double norm(double[] a) {
        return Math.sqrt(dot(a, a));
    }

    private static double[] difference(double[] a, double[] b) {
        double[] difference = a.clone();
        add(difference, b, -1);
        return difference;
    }

    private static double[] scaled(double[] a, double factor) {
        double[] scaled = new double[a.length];
        add(scaled, a, factor);
        return scaled;
    }

    private static void add(double[] to, double[] other, double factor) {
        for (int i = 0; i < to.length; i++) {
            to[i] += factor * other[i];
        }
    }
}
