package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Values.Missing;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables of a loop, macro or template; what is set inside is not seen outside. */
final class Scope {
    private final @Nullable Scope parent;
    private final Map<String, Object> variables = new HashMap<>(); // looked up only
    private final Rendering rendering;

    Scope(Rendering rendering) {
        this.parent = null;
        this.rendering = rendering;
    }

    private Scope(Scope parent) {
        this.parent = parent;
        this.rendering = parent.rendering;
    }

    Scope inner() {
        return new Scope(this);
    }

    Rendering rendering() {
        return rendering;
    }

    void set(String name, Object value) {
        variables.put(name, value);
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.parent) {
            Object value = scope.variables.get(name);
            if (value != null) {
                return value;
            }
        }
        return Missing.UNDEFINED;
    }
}
