package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Node.Flow;
import io.github.rlhf4j.jinja.Token.Kind;
import io.github.rlhf4j.jinja.Values.Missing;
import io.github.rlhf4j.jinja.Values.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Statements of a template: a recursive-descent parser whose result is the program itself. */
final class Parser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;

    Parser(List<Token> tokens) {
        this.tokens = new TokenStream(tokens);
        this.expressions = new ExpressionParser(this.tokens);
    }

    Node parse() {
        try {
            return whole();
        } catch (JinjaException e) {
            throw e.at(tokens.peek().line());
        } catch (RuntimeException e) { // a number that is too large, for example
            throw JinjaException.of(e).at(tokens.peek().line());
        }
    }

    private Node whole() {
        Node node = body(Set.of());
        if (tokens.peek().kind() != Kind.END) {
            throw tokens.error("{% " + tokens.peek(1).text() + " %} has no beginning");
        }
        return node;
    }

    /** Statements up to a block whose name is among {@code ends}, which is left for the caller. */
    private Node body(Set<String> ends) {
        List<Node> nodes = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            switch (token.kind()) {
                case TEXT -> {
                    String text = tokens.next().text();
                    nodes.add((scope, out) -> {
                        Budget.append(out, text);
                        return Flow.NEXT;
                    });
                }
                case PRINT_BEGIN -> nodes.add(new Located(token.line(), print()));
                case BLOCK_BEGIN -> {
                    if (ends.contains(tokens.peek(1).text())
                            || tokens.peek(1).text().startsWith("end")) {
                        return sequence(nodes);
                    }
                    tokens.next();
                    nodes.add(new Located(token.line(), statement()));
                }
                default -> {
                    if (!ends.isEmpty()) {
                        throw tokens.error("the template ends where one of " + ends + " is needed");
                    }
                    return sequence(nodes);
                }
            }
        }
    }

    private static Node sequence(List<Node> nodes) {
        Node[] all = nodes.toArray(new Node[0]);
        return (scope, out) -> {
            for (Node node : all) {
                Flow flow = node.render(scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
            return Flow.NEXT;
        };
    }

    private Node print() {
        tokens.next();
        Expression value = expressions.tuple();
        tokens.expect(Kind.PRINT_END);
        return (scope, out) -> {
            Budget.append(out, Values.text(value.evaluate(scope)));
            return Flow.NEXT;
        };
    }

    private Node statement() {
        String name = tokens.expect(Kind.NAME).text();
        return switch (name) {
            case "if" -> ifBlock();
            case "for" -> forBlock();
            case "set" -> set();
            case "macro" -> macro();
            case "call" -> callBlock();
            case "filter" -> filterBlock();
            case "with" -> withBlock();
            case "generation" -> generation();
            case "break" -> jump(Flow.BREAK);
            case "continue" -> jump(Flow.CONTINUE);
            default -> throw tokens.error("{% " + name + " %} is not supported in a chat template");
        };
    }

    private Node jump(Flow flow) {
        tokens.expect(Kind.BLOCK_END);
        return (scope, out) -> flow;
    }

    /** The rest of an if or elif. */
    private Node ifBlock() {
        Expression condition = expressions.tuple();
        tokens.expect(Kind.BLOCK_END);
        Node then = body(Set.of("elif", "else", "endif"));
        Node otherwise;
        if (tokens.takeBlock("elif")) {
            otherwise = ifBlock();
        } else {
            otherwise = elseBody("endif");
        }
        return (scope, out) -> (Values.truth(condition.evaluate(scope)) ? then : otherwise).render(scope, out);
    }

    private Node elseBody(String end) {
        Node node = (scope, out) -> Flow.NEXT;
        if (tokens.takeBlock("else")) {
            tokens.expect(Kind.BLOCK_END);
            node = body(Set.of(end));
        }
        end(end);
        return node;
    }

    private void end(String name) {
        if (!tokens.takeBlock(name)) {
            throw tokens.error("{% " + name + " %} is missing");
        }
        while (tokens.peek().kind() == Kind.NAME) {
            tokens.next(); // {% endmacro name %}
        }
        tokens.expect(Kind.BLOCK_END);
    }

    private Node forBlock() {
        List<String> targets = expressions.names();
        tokens.expectName("in");
        Expression sequence = expressions.tupleWithoutCondition();
        Optional<Expression> condition =
                tokens.takeName("if") ? Optional.of(expressions.expression()) : Optional.empty();
        tokens.expect(Kind.BLOCK_END);
        Node body = body(Set.of("else", "endfor"));
        Node otherwise = elseBody("endfor");
        return new Loop(targets, sequence, condition, body, otherwise);
    }

    private Node set() {
        List<String> targets = expressions.names();
        if (tokens.takeOperator(".")) {
            return setAttribute(targets.get(0), tokens.expect(Kind.NAME).text());
        }
        if (tokens.takeOperator("=")) {
            Expression value = expressions.tuple();
            tokens.expect(Kind.BLOCK_END);
            return (scope, out) -> {
                Loop.assign(scope, targets, value.evaluate(scope));
                return Flow.NEXT;
            };
        }
        return captureInto(targets.get(0));
    }

    private Node setAttribute(String name, String attribute) {
        Expression value;
        if (tokens.takeOperator("=")) {
            value = expressions.tuple();
            tokens.expect(Kind.BLOCK_END);
        } else {
            tokens.expect(Kind.BLOCK_END);
            Node captured = body(Set.of("endset"));
            end("endset");
            value = scope -> capture(captured, scope.inner());
        }
        return (scope, out) -> {
            if (!(scope.get(name) instanceof Namespace namespace)) {
                throw new JinjaException("only attributes of a namespace() can be set, and " + name + " is none");
            }
            namespace.attributes().put(attribute, value.evaluate(scope));
            return Flow.NEXT;
        };
    }

    private Node captureInto(String name) {
        ExpressionParser.FilterChain filters = expressions.filters();
        tokens.expect(Kind.BLOCK_END);
        Node body = body(Set.of("endset"));
        end("endset");
        return (scope, out) -> {
            scope.set(name, filters.apply(scope, capture(body, scope.inner())));
            return Flow.NEXT;
        };
    }

    static String capture(Node body, Scope scope) {
        StringBuilder text = new StringBuilder();
        body.render(scope, text);
        return text.toString();
    }

    private Node macro() {
        String name = tokens.expect(Kind.NAME).text();
        Macro.Signature signature = expressions.signature();
        tokens.expect(Kind.BLOCK_END);
        Node body = body(Set.of("endmacro"));
        end("endmacro");
        return (scope, out) -> {
            scope.set(name, new Macro(signature, body, scope));
            return Flow.NEXT;
        };
    }

    private Node callBlock() {
        Macro.Signature signature = tokens.peek().isOperator("(") ? expressions.signature() : Macro.Signature.EMPTY;
        ExpressionParser.Call call = expressions.call();
        tokens.expect(Kind.BLOCK_END);
        Node body = body(Set.of("endcall"));
        end("endcall");
        return (scope, out) -> {
            out.append(Values.text(call.evaluate(scope, new Macro(signature, body, scope))));
            return Flow.NEXT;
        };
    }

    private Node filterBlock() {
        ExpressionParser.FilterChain filters = expressions.filterNames();
        tokens.expect(Kind.BLOCK_END);
        Node body = body(Set.of("endfilter"));
        end("endfilter");
        return (scope, out) -> {
            out.append(Values.text(filters.apply(scope, capture(body, scope.inner()))));
            return Flow.NEXT;
        };
    }

    private Node withBlock() {
        List<String> names = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (tokens.peek().kind() == Kind.NAME) {
            names.add(tokens.next().text());
            tokens.expectOperator("=");
            values.add(expressions.expression());
            tokens.takeOperator(",");
        }
        tokens.expect(Kind.BLOCK_END);
        Node body = body(Set.of("endwith"));
        end("endwith");
        return (scope, out) -> {
            Scope inner = scope.inner();
            for (int i = 0; i < names.size(); i++) {
                inner.set(names.get(i), values.get(i).evaluate(scope));
            }
            return body.render(inner, out);
        };
    }

    /** transformers' extension: what the assistant says. Its body has a scope of its own, as there. */
    private Node generation() {
        tokens.expect(Kind.BLOCK_END);
        Node body = body(Set.of("endgeneration"));
        end("endgeneration");
        return (scope, out) -> {
            String text = capture(body, scope.inner());
            int start = scope.rendering().text().length();
            scope.rendering().generated().add(new JinjaTemplate.Span(start, start + text.length()));
            out.append(text);
            return Flow.NEXT;
        };
    }

    static Object orUndefined(Optional<Expression> expression, Scope scope) {
        return expression.isPresent() ? expression.get().evaluate(scope) : Missing.UNDEFINED;
    }
}
