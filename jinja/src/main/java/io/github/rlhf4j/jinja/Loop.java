package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Values.Callable;
import io.github.rlhf4j.jinja.Values.Missing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A for block. */
record Loop(List<String> targets, Expression sequence, Optional<Expression> condition, Node body, Node otherwise)
        implements Node {
    @Override
    public Flow render(Scope scope, StringBuilder out) {
        List<Object> items = new ArrayList<>();
        for (Object item : Values.items(sequence.evaluate(scope))) {
            if (condition.isEmpty() || accepted(scope, item)) {
                items.add(item);
            }
        }
        if (items.isEmpty()) {
            return otherwise.render(scope, out);
        }
        for (int i = 0; i < items.size(); i++) {
            Budget.spend(2 * Budget.STEP);
            Scope inner = scope.inner();
            inner.set("loop", state(items, i));
            assign(inner, targets, items.get(i));
            if (body.render(inner, out) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NEXT;
    }

    private boolean accepted(Scope scope, Object item) {
        Scope inner = scope.inner();
        assign(inner, targets, item);
        return Values.truth(condition.orElseThrow().evaluate(inner));
    }

    private static Map<String, Object> state(List<Object> items, int index) {
        long size = items.size();
        Map<String, Object> loop = new LinkedHashMap<>();
        loop.put("index", index + 1L);
        loop.put("index0", (long) index);
        loop.put("revindex", size - index);
        loop.put("revindex0", size - index - 1);
        loop.put("first", index == 0);
        loop.put("last", index == size - 1);
        loop.put("length", size);
        loop.put("previtem", index == 0 ? Missing.UNDEFINED : items.get(index - 1));
        loop.put("nextitem", index == size - 1 ? Missing.UNDEFINED : items.get(index + 1));
        Callable cycle = (arguments, named) -> arguments.get(index % arguments.size());
        loop.put("cycle", cycle);
        return loop;
    }

    /** Sets one name, or several from a sequence of as many values. */
    static void assign(Scope scope, List<String> targets, Object value) {
        if (targets.size() == 1) {
            scope.set(targets.get(0), value);
            return;
        }
        List<Object> values = Values.items(value);
        if (values.size() != targets.size()) {
            throw new JinjaException(targets.size() + " names cannot take " + values.size() + " values");
        }
        for (int i = 0; i < targets.size(); i++) {
            scope.set(targets.get(i), values.get(i));
        }
    }
}
