package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Values.Callable;
import io.github.rlhf4j.jinja.Values.Missing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A macro, or the body of a call block, bound to where it was defined. */
record Macro(Signature signature, Node body, Scope definition) implements Callable {
    /** Parameters in order, each with its default if it has one. */
    record Signature(List<String> names, List<Optional<Expression>> defaults) {
        static final Signature EMPTY = new Signature(List.of(), List.of());
    }

    @Override
    public Object call(List<Object> arguments, Map<String, Object> named) {
        Budget.spend(2 * Budget.STEP);
        Scope scope = definition.inner();
        Map<String, Object> further = new LinkedHashMap<>(named);
        for (int i = 0; i < signature.names().size(); i++) {
            String name = signature.names().get(i);
            Object given = further.remove(name);
            Object value = i < arguments.size()
                    ? arguments.get(i)
                    : given != null
                            ? given
                            : Parser.orUndefined(signature.defaults().get(i), scope);
            scope.set(name, value);
        }
        scope.set("caller", further.containsKey("caller") ? further.remove("caller") : Missing.UNDEFINED);
        scope.set("varargs", arguments.subList(Math.min(signature.names().size(), arguments.size()), arguments.size()));
        scope.set("kwargs", further);
        return Parser.capture(body, scope);
    }
}
