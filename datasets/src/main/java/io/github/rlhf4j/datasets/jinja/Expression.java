package io.github.rlhf4j.datasets.jinja;

/** A piece of a template that has a value. */
@FunctionalInterface
interface Expression {
    Object evaluate(Scope scope);
}
