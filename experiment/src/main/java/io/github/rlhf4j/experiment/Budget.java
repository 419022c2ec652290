package io.github.rlhf4j.experiment;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.pipeline.config.ConfigValue;
import io.github.rlhf4j.pipeline.config.Problems;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What an experiment may take.
 *
 * @param runs at most so many runs
 * @param hours of all runs together; a run that has begun is finished
 */
record Budget(OptionalLong runs, OptionalDouble hours) {
    static final Budget NONE = new Budget(OptionalLong.empty(), OptionalDouble.empty());
    private static final List<String> KEYS = List.of("runs", "hours");

    static Budget read(ConfigValue value, Problems problems) {
        if (!(value instanceof ConfigValue.Entries keys)) {
            problems.add("experiment.budget must be a map of " + String.join(" and ", KEYS) + ", but is "
                    + value.toLine() + Section.where(value));
            return NONE;
        }
        keys.entries().forEach((key, given) -> {
            if (!KEYS.contains(key)) {
                problems.add("experiment.budget." + key + " is not a known key" + Section.where(given)
                        + Suggestion.phrase(key, KEYS) + " The keys are " + String.join(", ", KEYS));
            }
        });
        OptionalDouble runs = number(keys, "runs", problems);
        return new Budget(
                runs.isPresent() ? OptionalLong.of((long) runs.getAsDouble()) : OptionalLong.empty(),
                number(keys, "hours", problems));
    }

    private static OptionalDouble number(ConfigValue.Entries keys, String key, Problems problems) {
        ConfigValue value = keys.entries().get(key);
        if (value == null) {
            return OptionalDouble.empty();
        }
        boolean isWhole = key.equals("runs");
        double number = value.json().isNumber() ? value.json().doubleValue() : Double.NaN;
        if (!(number > 0) || Double.isInfinite(number) || isWhole && number != Math.rint(number)) {
            problems.add("experiment.budget." + key + " must be a " + (isWhole ? "whole " : "") + "number > 0, but is "
                    + value.toLine() + Section.where(value));
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(number);
    }
}
