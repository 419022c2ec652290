package io.github.rlhf4j.core.stage;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The few metrics of a stage that one sees while it runs, and in its line of results. */
final class ShownMetrics {
    private static final Map<String, String> DEFAULT = Map.of("loss", "loss");
    private static final double SMALLEST_PLAIN = 1e-3;
    private static final double LARGEST_PLAIN = 1e6;

    private final Map<String, String> chosen = new LinkedHashMap<>();

    /** One more, by its name in metrics.jsonl. */
    void add(String label, String metric) {
        chosen.put(label, metric);
    }

    /** Such as {@code loss 1.494 accuracy 0.71}; what is not known is left out. */
    String line(Map<String, ?> values) {
        StringJoiner line = new StringJoiner(" ");
        shown().forEach((label, metric) -> {
            if (value(values.get(metric)) instanceof Number number) {
                line.add(label + " " + text(number.doubleValue()));
            }
        });
        return line.toString();
    }

    /** Such as {@code loss 1.21, eval_loss 1.3}: the last values of a stage. */
    String results(Map<String, ?> values) {
        StringJoiner line = new StringJoiner(", ");
        shown().forEach((label, metric) -> {
            if (value(values.get(metric)) instanceof Number number) {
                line.add(label + " " + text(number.doubleValue()));
            }
        });
        String evaluations = evaluations(values);
        return evaluations.isEmpty() ? line.toString() : line.add(evaluations).toString();
    }

    /** Those of the evaluation sets alone, each with the name of its set where that has one. */
    String evaluations(Map<String, ?> values) {
        StringJoiner line = new StringJoiner(", ");
        shown().forEach((label, metric) -> {
            boolean hasNames = !values.containsKey("eval_" + metric);
            values.forEach((name, value) -> {
                boolean isWanted = name.equals("eval_" + metric)
                        || hasNames && name.startsWith("eval_") && name.endsWith("_" + metric);
                if (isWanted && value(value) instanceof Number number) {
                    line.add(name.substring(0, name.length() - metric.length()) + label + " "
                            + text(number.doubleValue()));
                }
            });
        });
        return line.toString();
    }

    /** Values read back from metrics.jsonl are JSON. */
    private static @Nullable Object value(@Nullable Object value) {
        return value instanceof JsonNode json ? json.numberValue() : value;
    }

    private Map<String, String> shown() {
        return chosen.isEmpty() ? DEFAULT : chosen;
    }

    /** Four significant digits. */
    static String text(double value) {
        double size = Math.abs(value);
        if (value == 0 || !Double.isFinite(value)) {
            return value == 0 ? "0" : String.valueOf(value);
        }
        if (size < SMALLEST_PLAIN || size >= LARGEST_PLAIN) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        int decimals = Math.max(0, 3 - (int) Math.floor(Math.log10(size)));
        String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
        return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
    }
}
