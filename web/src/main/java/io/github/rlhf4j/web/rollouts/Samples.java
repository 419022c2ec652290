package io.github.rlhf4j.web.rollouts;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.WebRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The samples of one stage for the page: a part of them in some order, the group of one, the same prompt over steps. */
final class Samples {
    private static final int MOST_ROWS = 200;
    private static final int MOST_STRIP = 60;
    private static final int MOST_PROMPTS = 40;
    private static final int KEPT_ORDERS = 4;

    private final SampleIndex index;
    private final Map<String, SampleOrder.Found> orders = new LinkedHashMap<>(); // of the last questions

    Samples(SampleIndex index) {
        this.index = index;
    }

    SampleIndex index() {
        return index;
    }

    /** Rows {@code from} on of those that the request asks for, and how many there are. */
    ObjectNode part(WebRequest request) {
        index.refresh();
        SampleOrder order = new SampleOrder(
                SampleFilter.all(request.all("filter")),
                request.find("text").orElse(""),
                request.find("sort").orElse(""),
                request.isOn("descending"));
        int from = (int) request.whole("from", 0, 0, Integer.MAX_VALUE);
        int count = (int) request.whole("count", 20, 1, MOST_ROWS);
        SampleOrder.Found found = found(order);
        ObjectNode answer = Json.object();
        answer.put("total", index.size());
        answer.put("found", found.rows().length);
        answer.put("searched", found.searched());
        answer.put("whole", found.isWhole());
        answer.set("columns", Json.texts(index.names()));
        int[] rows = Arrays.copyOfRange(found.rows(), Math.min(from, found.rows().length), (int)
                Math.min((long) from + count, found.rows().length));
        answer.set("rows", rows(rows));
        return answer;
    }

    private synchronized SampleOrder.Found found(SampleOrder order) {
        String key = order + " " + index.generation() + " " + index.size();
        SampleOrder.Found found = orders.remove(key);
        if (found == null) {
            found = order.of(index);
        }
        orders.put(key, found);
        if (orders.size() > KEPT_ORDERS) {
            orders.remove(orders.keySet().iterator().next());
        }
        return found;
    }

    private ArrayNode rows(int[] rows) {
        ArrayNode list = Json.array();
        if (rows.length > 0) {
            try (SampleRows read = new SampleRows(index)) {
                for (int row : rows) {
                    list.add(read.row(row));
                }
            }
        }
        return list;
    }

    /** The responses to the same prompt in the same step as a row, in their order. */
    ObjectNode group(int row) {
        index.refresh();
        float[] steps = steps();
        int[] same = Arrays.stream(index.samePrompt(row))
                .filter(other -> other < steps.length && steps[other] == steps[row])
                .limit(MOST_ROWS)
                .toArray();
        return (ObjectNode) Json.object().set("rows", rows(same));
    }

    /** The first response to the same prompt as a row's in each step that has one; of many steps some, the first and the last among them. */
    ObjectNode strip(int row) {
        index.refresh();
        float[] steps = steps();
        TreeMap<Float, Integer> firsts = new TreeMap<>();
        for (int other : index.samePrompt(row)) {
            firsts.putIfAbsent(other < steps.length ? steps[other] : 0, other);
        }
        List<Integer> all = new ArrayList<>(firsts.values());
        int shown = Math.min(MOST_STRIP, all.size());
        int[] some = new int[shown];
        for (int i = 0; i < shown; i++) {
            some[i] = all.get(shown == 1 ? 0 : (int) ((long) i * (all.size() - 1) / (shown - 1)));
        }
        return ((ObjectNode) Json.object().set("rows", rows(some))).put("steps", all.size());
    }

    /** The prompts that come in most steps: a row of each, and in how many. */
    ObjectNode prompts() {
        index.refresh();
        float[] steps = steps();
        long[] prompts = index.prompts();
        Map<Long, int[]> byPrompt = new LinkedHashMap<>(); // the first row, the steps, the last step seen
        for (int row = 0; row < prompts.length; row++) {
            int step = row < steps.length ? (int) steps[row] : 0;
            int[] known = byPrompt.get(prompts[row]);
            if (known == null) {
                byPrompt.put(prompts[row], new int[] {row, 1, step});
            } else if (known[2] != step) {
                known[1]++;
                known[2] = step;
            }
        }
        List<int[]> again = byPrompt.values().stream()
                .filter(known -> known[1] > 1)
                .sorted((one, other) -> other[1] - one[1])
                .limit(MOST_PROMPTS)
                .toList();
        ObjectNode answer = Json.object();
        ArrayNode list = answer.putArray("prompts");
        if (!again.isEmpty()) {
            try (SampleRows read = new SampleRows(index)) {
                again.forEach(known -> list.addObject()
                        .put("row", known[0])
                        .put("steps", known[1])
                        .put(
                                "prompt",
                                read.row(known[0]).path(SampleIndex.PROMPT).asText()));
            }
        }
        return answer;
    }

    private float[] steps() {
        if (!index.has(SampleIndex.STEP)) {
            throw new UserError("the samples have no steps");
        }
        return index.column(SampleIndex.STEP);
    }
}
