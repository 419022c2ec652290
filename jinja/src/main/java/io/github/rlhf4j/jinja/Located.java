package io.github.rlhf4j.jinja;

/** A statement that knows its line: what goes wrong in it, in whatever way, is an error with this line. */
record Located(int line, Node node) implements Node {
    @Override
    public Flow render(Scope scope, StringBuilder out) {
        Budget.spend(Budget.STEP);
        try {
            return node.render(scope, out);
        } catch (JinjaException e) {
            throw e.at(line);
        } catch (RuntimeException e) {
            throw JinjaException.of(e).at(line);
        }
    }
}
