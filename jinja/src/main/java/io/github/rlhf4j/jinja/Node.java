package io.github.rlhf4j.jinja;

/** A piece of a template that writes text; says whether the loop around it continues. */
@FunctionalInterface
interface Node {
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    Flow render(Scope scope, StringBuilder out);
}
