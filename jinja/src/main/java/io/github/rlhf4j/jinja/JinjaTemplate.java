package io.github.rlhf4j.jinja;

import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * A Jinja template of the kind that chat templates are, rendered as transformers renders them.
 *
 * <p>Sandboxed by nature: it sees the variables it is given and nothing else. Templates cannot include or extend others.
 * Immutable and safe for several threads.
 */
public final class JinjaTemplate {
    private final Node root;
    private final Clock clock;

    private JinjaTemplate(Node root, Clock clock) {
        this.root = root;
        this.clock = clock;
    }

    /** A piece of a text, from {@code start} to before {@code end}, in chars. */
    public record Span(int start, int end) {}

    /** Rendered text, and the spans of its {@code generation} blocks. */
    public record Rendered(String text, List<Span> generated) {
        public Rendered {
            generated = List.copyOf(generated);
        }
    }

    /**
     * Parses a template.
     *
     * @param clock what {@code strftime_now} reads
     * @throws JinjaException with the line, if it is malformed
     */
    public static JinjaTemplate parse(String source, Clock clock) {
        try {
            return new JinjaTemplate(new Parser(Lexer.tokens(source)).parse(), clock);
        } catch (StackOverflowError e) {
            throw new JinjaException("its brackets or statements are nested too deeply");
        }
    }

    /**
     * Renders it.
     *
     * @param variables Boolean, numbers, String, List and Map; null is None
     * @throws JinjaException if the template refuses the variables, or uses them in a way that has no meaning
     */
    public Rendered render(Map<String, ?> variables) {
        return render(variables, Budget.ALL);
    }

    Rendered render(Map<String, ?> variables, long budget) {
        try {
            return Budget.spending(budget, () -> rendered(variables));
        } catch (OutOfMemoryError e) {
            throw new JinjaException("it makes more text than there is memory for");
        } catch (StackOverflowError e) {
            throw new JinjaException("its expressions or macros are nested too deeply");
        }
    }

    private Rendered rendered(Map<String, ?> variables) {
        Rendering rendering = new Rendering();
        Scope scope = new Scope(rendering);
        Globals.define(scope, clock);
        variables.forEach((name, value) -> scope.set(name, Values.of(value)));
        root.render(scope.inner(), rendering.text());
        return new Rendered(rendering.text().toString(), rendering.generated());
    }
}
