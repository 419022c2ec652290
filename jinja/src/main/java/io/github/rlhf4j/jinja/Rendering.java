package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.JinjaTemplate.Span;
import java.util.ArrayList;
import java.util.List;

/** The text being rendered, and where {@code generation} blocks lie in it. */
final class Rendering {
    private final StringBuilder text = new StringBuilder();
    private final List<Span> generated = new ArrayList<>();

    StringBuilder text() {
        return text;
    }

    List<Span> generated() {
        return generated;
    }
}
