package io.github.rlhf4j.filter;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import io.github.rlhf4j.datasets.DataRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Rows with too small a number in a column, such as up-votes, or none. Source: Radford et al. 2019 (WebText: links with 3 karma). */
final class ColumnRule implements RowRule {
    private static final String KEY = "min_columns.";

    private final Map<String, Double> least;

    ColumnRule(Map<String, Double> least) {
        this.least = least;
    }

    @Override
    public Judgement judge(DataRecord row, String text) {
        for (Map.Entry<String, Double> limit : least.entrySet()) {
            Object value = row.tags().columns().get(limit.getKey());
            double number = number(value);
            if (!(number >= limit.getValue())) {
                return Judgement.remove(
                        text,
                        KEY + limit.getKey(),
                        value == null
                                ? "absent"
                                : Double.isNaN(number) ? "no number" : value + " < " + limit.getValue());
            }
        }
        return Judgement.keep(text);
    }

    @Override
    public RuleKind kind() {
        return RuleKind.COLUMN;
    }

    @Override
    public void write(WireWriter out) {
        out.putList(
                List.copyOf(least.entrySet()),
                (to, limit) -> to.putText(limit.getKey()).putDouble(limit.getValue()));
    }

    static RowRule read(WireReader in) {
        Map<String, Double> least = new TreeMap<>();
        in.getList(from -> least.put(from.getText(), from.getDouble()));
        return new ColumnRule(least);
    }

    private static double number(@Nullable Object value) {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        try {
            return value instanceof String text ? Double.parseDouble(text.strip()) : Double.NaN;
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
