package io.github.rlhf4j.jinja;

/** A piece of a template that has a value. */
@FunctionalInterface
interface Expression {
    Object evaluate(Scope scope);
}
