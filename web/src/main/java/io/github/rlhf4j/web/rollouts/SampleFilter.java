package io.github.rlhf4j.web.rollouts;

import io.github.rlhf4j.core.UserError;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A condition on a column: {@code score >= 0.5}, {@code ended = 0}. A row without a value meets none. */
record SampleFilter(String column, String sign, double value) {
    private static final Pattern FORM = Pattern.compile("(.+?)(<=|>=|!=|=|<|>)([^<>!=]+)");

    /**
     * Reads one.
     *
     * @throws UserError where it has another form
     */
    static SampleFilter of(String text) {
        Matcher matcher = FORM.matcher(text);
        if (matcher.matches()) {
            try {
                String word = matcher.group(3).strip();
                double value = word.equals("true") ? 1 : word.equals("false") ? 0 : Double.parseDouble(word);
                return new SampleFilter(matcher.group(1).strip(), matcher.group(2), value);
            } catch (NumberFormatException e) {
                // told below
            }
        }
        throw new UserError(
                "a filter is a column, one of < <= = != >= > and a number, such as score >= 0.5, but is " + text);
    }

    /** Those of a request, all of which a row must meet. */
    static List<SampleFilter> all(List<String> texts) {
        return texts.stream().map(SampleFilter::of).toList();
    }

    boolean accepts(float other) {
        float own = (float) value;
        return switch (sign) {
            case "<" -> other < own;
            case "<=" -> other <= own;
            case ">" -> other > own;
            case ">=" -> other >= own;
            case "!=" -> !Float.isNaN(other) && other != own;
            default -> other == own;
        };
    }
}
