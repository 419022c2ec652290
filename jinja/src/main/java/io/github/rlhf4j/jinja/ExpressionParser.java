package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Token.Kind;
import io.github.rlhf4j.jinja.Values.Missing;
import io.github.rlhf4j.jinja.Values.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Expressions, with Jinja2's precedences. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<Kind> TEST_ARGUMENTS = Set.of(Kind.NAME, Kind.STRING, Kind.INTEGER, Kind.FLOAT);

    private final TokenStream tokens;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** Filters applied one after the other. */
    @FunctionalInterface
    interface FilterChain {
        Object apply(Scope scope, Object value);
    }

    /** Arguments of a call. */
    private record Arguments(List<Expression> positional, Map<String, Expression> named) {
        List<Object> values(Scope scope) {
            List<Object> values = new ArrayList<>();
            positional.forEach(each -> values.add(each.evaluate(scope)));
            return values;
        }

        Map<String, Object> namedValues(Scope scope) {
            Map<String, Object> values = new LinkedHashMap<>();
            named.forEach((name, each) -> values.put(name, each.evaluate(scope)));
            return values;
        }
    }

    /** A call whose caller is given later. */
    record Call(Expression function, List<Expression> positional, Map<String, Expression> named) {
        Object evaluate(Scope scope, Object caller) {
            Arguments arguments = new Arguments(positional, named);
            Map<String, Object> further = arguments.namedValues(scope);
            further.put("caller", caller);
            return Operations.call(function.evaluate(scope), arguments.values(scope), further);
        }
    }

    /** An expression, or several with commas between, which make a tuple. */
    Expression tuple() {
        return commas(expression());
    }

    Expression tupleWithoutCondition() {
        return commas(or());
    }

    private Expression commas(Expression first) {
        if (!tokens.peek().isOperator(",")) {
            return first;
        }
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.takeOperator(",")) {
            Token next = tokens.peek();
            if (next.isOperator(")") || next.kind() == Kind.BLOCK_END || next.kind() == Kind.PRINT_END) {
                break;
            }
            items.add(expression());
        }
        return scope -> new Tuple(evaluateAll(items, scope));
    }

    private static List<Object> evaluateAll(List<Expression> items, Scope scope) {
        List<Object> values = new ArrayList<>();
        items.forEach(item -> values.add(item.evaluate(scope)));
        return values;
    }

    /** Names to assign to. */
    List<String> names() {
        boolean bracket = tokens.takeOperator("(");
        List<String> names = new ArrayList<>();
        do {
            names.add(tokens.expect(Kind.NAME).text());
        } while (tokens.takeOperator(","));
        if (bracket) {
            tokens.expectOperator(")");
        }
        return names;
    }

    Macro.Signature signature() {
        List<String> names = new ArrayList<>();
        List<Optional<Expression>> defaults = new ArrayList<>();
        tokens.expectOperator("(");
        while (!tokens.takeOperator(")")) {
            names.add(tokens.expect(Kind.NAME).text());
            defaults.add(tokens.takeOperator("=") ? Optional.of(expression()) : Optional.empty());
            if (!tokens.peek().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return new Macro.Signature(names, defaults);
    }

    Call call() {
        String name = tokens.expect(Kind.NAME).text();
        tokens.expectOperator("(");
        Arguments arguments = arguments();
        return new Call(scope -> scope.get(name), arguments.positional(), arguments.named());
    }

    Expression expression() {
        Expression value = or();
        while (tokens.takeName("if")) {
            Expression then = value;
            Expression condition = or();
            Optional<Expression> otherwise = tokens.takeName("else") ? Optional.of(expression()) : Optional.empty();
            value = scope -> Values.truth(condition.evaluate(scope))
                    ? then.evaluate(scope)
                    : Parser.orUndefined(otherwise, scope);
        }
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.takeName("or")) {
            Expression a = left;
            Expression b = and();
            left = scope -> {
                Object value = a.evaluate(scope);
                return Values.truth(value) ? value : b.evaluate(scope);
            };
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.takeName("and")) {
            Expression a = left;
            Expression b = not();
            left = scope -> {
                Object value = a.evaluate(scope);
                return Values.truth(value) ? b.evaluate(scope) : value;
            };
        }
        return left;
    }

    private Expression not() {
        if (!tokens.takeName("not")) {
            return comparison();
        }
        Expression value = not();
        return scope -> !Values.truth(value.evaluate(scope));
    }

    private Expression comparison() {
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> operands = new ArrayList<>();
        while (true) {
            if (tokens.peek().kind() == Kind.OPERATOR
                    && COMPARISONS.contains(tokens.peek().text())) {
                operators.add(tokens.next().text());
            } else if (tokens.takeName("in")) {
                operators.add("in");
            } else if (tokens.peek().isName("not") && tokens.peek(1).isName("in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                break;
            }
            operands.add(sum());
        }
        return operators.isEmpty() ? first : scope -> Operations.compareAll(scope, first, operators, operands);
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.peek().isOperator("+") || tokens.peek().isOperator("-")) {
            left = binary(tokens.next().text(), left, concatenation());
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = product();
        while (tokens.takeOperator("~")) {
            Expression a = left;
            Expression b = product();
            left = scope -> Operations.joined(Values.text(a.evaluate(scope)), Values.text(b.evaluate(scope)));
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (Set.of("*", "/", "//", "%").contains(tokens.peek().text())
                && tokens.peek().kind() == Kind.OPERATOR) {
            left = binary(tokens.next().text(), left, power());
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.takeOperator("**")) {
            left = binary("**", left, unary(true));
        }
        return left;
    }

    private static Expression binary(String operator, Expression left, Expression right) {
        return scope -> Operations.binary(operator, left.evaluate(scope), right.evaluate(scope));
    }

    private Expression unary(boolean withFilters) {
        Expression value;
        if (tokens.takeOperator("-")) {
            Expression operand = unary(false);
            value = scope -> Operations.binary("-", 0L, operand.evaluate(scope));
        } else if (tokens.takeOperator("+")) {
            value = unary(false);
        } else {
            value = postfix(primary());
        }
        return withFilters ? filtersAndTests(value) : value;
    }

    private Expression primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case NAME -> scope -> scope.get(token.text());
            case STRING -> strings(token.text());
            case INTEGER -> constant(Long.parseLong(token.text()));
            case FLOAT -> constant(Double.parseDouble(token.text()));
            case OPERATOR -> bracket(token.text());
            default -> throw tokens.error("an expression is needed");
        };
    }

    private static Expression constant(Object value) {
        return scope -> value;
    }

    private Expression strings(String first) {
        StringBuilder text = new StringBuilder(first);
        while (tokens.peek().kind() == Kind.STRING) {
            text.append(tokens.next().text());
        }
        return constant(text.toString());
    }

    private Expression bracket(String operator) {
        return switch (operator) {
            case "(" -> {
                if (tokens.takeOperator(")")) {
                    yield scope -> new Tuple(List.of());
                }
                Expression inside = tuple();
                tokens.expectOperator(")");
                yield inside;
            }
            case "[" -> {
                List<Expression> items = new ArrayList<>();
                while (!tokens.takeOperator("]")) {
                    items.add(expression());
                    if (!tokens.peek().isOperator("]")) {
                        tokens.expectOperator(",");
                    }
                }
                yield scope -> evaluateAll(items, scope);
            }
            case "{" -> dict();
            default -> throw tokens.error("\"" + operator + "\" is not expected");
        };
    }

    private Expression dict() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.takeOperator("}")) {
            keys.add(expression());
            tokens.expectOperator(":");
            values.add(expression());
            if (!tokens.peek().isOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return scope -> {
            Map<Object, Object> map = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                map.put(Values.key(keys.get(i).evaluate(scope)), values.get(i).evaluate(scope));
            }
            return map;
        };
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            Expression object = value;
            if (tokens.takeOperator(".")) {
                Token name = tokens.next();
                value = name.kind() == Kind.INTEGER
                        ? scope -> Operations.item(object.evaluate(scope), Long.parseLong(name.text()))
                        : scope -> Operations.attribute(object.evaluate(scope), name.text());
            } else if (tokens.takeOperator("[")) {
                value = subscript(object);
            } else if (tokens.takeOperator("(")) {
                value = calling(object);
            } else {
                return value;
            }
        }
    }

    private Expression calling(Expression function) {
        Arguments arguments = arguments();
        return scope -> {
            Budget.spend(Budget.STEP);
            return Operations.call(function.evaluate(scope), arguments.values(scope), arguments.namedValues(scope));
        };
    }

    private Expression subscript(Expression object) {
        List<Optional<Expression>> parts = new ArrayList<>();
        boolean slice = false;
        Optional<Expression> current = Optional.empty();
        while (!tokens.takeOperator("]")) {
            if (tokens.takeOperator(":")) {
                slice = true;
                parts.add(current);
                current = Optional.empty();
            } else {
                current = Optional.of(tuple());
            }
        }
        parts.add(current);
        if (!slice) {
            Expression index = parts.get(0).orElseThrow(() -> tokens.error("[] needs an index"));
            return scope -> Operations.item(object.evaluate(scope), index.evaluate(scope));
        }
        return scope -> {
            List<Object> bounds = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                boolean given = i < parts.size() && parts.get(i).isPresent();
                bounds.add(given ? parts.get(i).orElseThrow().evaluate(scope) : Missing.NONE);
            }
            return Operations.slice(object.evaluate(scope), bounds.get(0), bounds.get(1), bounds.get(2));
        };
    }

    /** Arguments after the opening bracket, which is taken already. */
    private Arguments arguments() {
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!tokens.takeOperator(")")) {
            if (tokens.peek().kind() == Kind.NAME && tokens.peek(1).isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expression());
            } else {
                positional.add(expression());
            }
            if (!tokens.peek().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return new Arguments(positional, named);
    }

    private Expression filtersAndTests(Expression start) {
        Expression value = start;
        while (true) {
            Expression object = value;
            if (tokens.takeOperator("|")) {
                FilterChain filter = filter();
                value = scope -> filter.apply(scope, object.evaluate(scope));
            } else if (tokens.takeName("is")) {
                value = test(object);
            } else if (tokens.takeOperator("(")) {
                value = calling(object);
            } else {
                return value;
            }
        }
    }

    private FilterChain filter() {
        StringBuilder name = new StringBuilder(tokens.expect(Kind.NAME).text());
        while (tokens.takeOperator(".")) {
            name.append('.').append(tokens.expect(Kind.NAME).text());
        }
        Arguments arguments = tokens.takeOperator("(") ? arguments() : new Arguments(List.of(), new LinkedHashMap<>());
        String filter = name.toString();
        return (scope, value) -> {
            Budget.spend(Budget.STEP);
            return Filters.apply(filter, value, arguments.values(scope), arguments.namedValues(scope));
        };
    }

    /** Filters that follow a value: {@code | a | b}. */
    FilterChain filters() {
        FilterChain chain = (scope, value) -> value;
        while (tokens.takeOperator("|")) {
            chain = then(chain, filter());
        }
        return chain;
    }

    /** Filters of a filter block: {@code a | b}. */
    FilterChain filterNames() {
        return then(filter(), filters());
    }

    private static FilterChain then(FilterChain first, FilterChain second) {
        return (scope, value) -> second.apply(scope, first.apply(scope, value));
    }

    private Expression test(Expression object) {
        boolean negated = tokens.takeName("not");
        String name = tokens.expect(Kind.NAME).text();
        Arguments arguments = new Arguments(List.of(), Map.of());
        if (tokens.takeOperator("(")) {
            arguments = arguments();
        } else if (beginsTestArgument()) {
            arguments = new Arguments(List.of(postfix(primary())), Map.of());
        }
        Arguments given = arguments;
        return scope -> Tests.apply(name, object.evaluate(scope), given.values(scope)) != negated;
    }

    private boolean beginsTestArgument() {
        Token token = tokens.peek();
        boolean keyword = token.kind() == Kind.NAME
                && Set.of("else", "or", "and", "is", "if", "in", "not").contains(token.text());
        return (TEST_ARGUMENTS.contains(token.kind()) && !keyword) || token.isOperator("[") || token.isOperator("{");
    }
}
