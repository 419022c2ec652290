package io.github.rlhf4j.world;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What follows {@code synthetic:}, such as {@code questions/beru/shots=2}: a part, perhaps a language or a pair of them, and options.
 *
 * @param language or empty
 */
record SyntheticName(String location, String part, String language, Map<String, String> options) {
    static SyntheticName read(String location) {
        String[] pieces = location.split("/", -1);
        String language = "";
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 1; i < pieces.length; i++) {
            int equals = pieces[i].indexOf('=');
            if (equals > 0) {
                options.put(pieces[i].substring(0, equals), pieces[i].substring(equals + 1));
            } else if (language.isEmpty() && !pieces[i].isEmpty()) {
                language = pieces[i];
            } else {
                throw new UserError(
                        "dataset \"synthetic:" + location + "\" has a part too many: \"" + pieces[i] + "\"");
            }
        }
        return new SyntheticName(location, pieces[0], language, options);
    }

    UserError wrong(String what) {
        return new UserError("dataset \"synthetic:" + location + "\" " + what);
    }

    void requireNoLanguage() {
        if (!language.isEmpty()) {
            throw wrong("has a part too many: \"" + language + "\"");
        }
    }

    void requireOptions(String... known) {
        options.keySet().stream()
                .filter(option -> !List.of(known).contains(option))
                .findFirst()
                .ifPresent(option -> {
                    throw wrong("has no option " + option
                            + (known.length == 0 ? "" : "; it has " + String.join(", ", known))
                            + Suggestion.phrase(option, List.of(known)));
                });
    }

    String text(String option, String other) {
        return options.getOrDefault(option, other);
    }

    double number(String option, double other, double least, double most) {
        String text = options.get(option);
        if (text == null) {
            return other;
        }
        try {
            double value = Double.parseDouble(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw wrong(option + " must be a number in " + plain(least) + ".." + plain(most) + ", but is " + text);
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    /** Two numbers such as {@code 1-8}, or one that is both. */
    int[] range(String option, int first, int last, int most) {
        String text = options.get(option);
        if (text == null) {
            return new int[] {first, last};
        }
        if (text.matches("\\d{1,3}(-\\d{1,3})?")) {
            String[] ends = text.split("-", 2);
            int from = Integer.parseInt(ends[0]);
            int to = Integer.parseInt(ends[ends.length - 1]);
            if (from >= 1 && from <= to && to <= most) {
                return new int[] {from, to};
            }
        }
        throw wrong(option + " must be a number or a range such as 1-8, in 1.." + most + ", but is " + text);
    }
}
