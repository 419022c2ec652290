package io.github.rlhf4j.jinja;

import io.github.rlhf4j.jinja.Values.Callable;
import io.github.rlhf4j.jinja.Values.Missing;
import io.github.rlhf4j.jinja.Values.Namespace;
import io.github.rlhf4j.jinja.Values.Tuple;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Operators, subscripts, attributes and calls, as Python and Jinja2's sandbox have them. */
final class Operations {
    private Operations() {}

    static Object compareAll(Scope scope, Expression first, List<String> operators, List<Expression> operands) {
        Object left = first.evaluate(scope);
        for (int i = 0; i < operators.size(); i++) {
            Object right = operands.get(i).evaluate(scope);
            if (!compare(operators.get(i), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private static boolean compare(String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> Values.equal(left, right);
            case "!=" -> !Values.equal(left, right);
            case "in" -> Values.contains(right, left);
            case "not in" -> !Values.contains(right, left);
            case "<" -> Values.compare(left, right) < 0;
            case "<=" -> Values.compare(left, right) <= 0;
            case ">" -> Values.compare(left, right) > 0;
            default -> Values.compare(left, right) >= 0;
        };
    }

    static Object binary(String operator, Object left, Object right) {
        if (operator.equals("+") && left instanceof String a && right instanceof String b) {
            return joined(a, b);
        }
        if (operator.equals("+") && left instanceof List<?> a && right instanceof List<?> b) {
            Budget.spendItems((long) a.size() + b.size());
            List<Object> joined = new ArrayList<>(a);
            joined.addAll(b);
            return left instanceof Tuple ? new Tuple(joined) : joined;
        }
        if (operator.equals("*") && left instanceof String text && !(right instanceof String)) {
            long count = Math.max(0, Values.integer(right));
            if (text.isEmpty() || count == 0) {
                return "";
            }
            Budget.spendText(count > Integer.MAX_VALUE ? Long.MAX_VALUE : count * text.length());
            return text.repeat((int) count);
        }
        if (!Values.isNumber(left) || !Values.isNumber(right)) {
            throw new JinjaException("cannot compute " + Values.type(left) + " " + operator + " " + Values.type(right));
        }
        return Values.areIntegers(left, right)
                ? integers(operator, Values.integer(left), Values.integer(right))
                : reals(operator, Values.number(left), Values.number(right));
    }

    /** One text after the other. */
    static String joined(String a, String b) {
        Budget.spendText((long) a.length() + b.length());
        return a + b;
    }

    private static Object integers(String operator, long a, long b) {
        if (b == 0 && "//%".contains(operator)) {
            throw new JinjaException("division by zero");
        }
        return switch (operator) {
            case "+" -> Math.addExact(a, b);
            case "-" -> Math.subtractExact(a, b);
            case "*" -> Math.multiplyExact(a, b);
            case "//" -> Math.floorDiv(a, b);
            case "%" -> Math.floorMod(a, b);
            case "/" -> (double) a / b;
            default -> b >= 0 ? (Object) power(a, b) : (Object) Math.pow(a, b);
        };
    }

    /** @throws ArithmeticException when it has more than 64 bits */
    private static long power(long a, long b) {
        if (Math.abs(a) <= 1) {
            return b == 0 ? 1 : b % 2 == 0 ? a * a : a;
        }
        if (b > Long.SIZE) {
            throw new ArithmeticException("long overflow");
        }
        return BigInteger.valueOf(a).pow((int) b).longValueExact();
    }

    private static Object reals(String operator, double a, double b) {
        if (b == 0 && "//%".contains(operator)) {
            throw new JinjaException("division by zero");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - b * Math.floor(a / b);
            case "/" -> a / b;
            default -> Math.pow(a, b);
        };
    }

    static Object call(Object function, List<Object> arguments, Map<String, Object> named) {
        if (function instanceof Callable callable) {
            return callable.call(arguments, named);
        }
        throw new JinjaException(Values.type(function) + " cannot be called");
    }

    /** {@code object.name}: a method first, then an item, as Jinja2 does. */
    static Object attribute(Object object, String name) {
        if (object == Missing.UNDEFINED) {
            throw new JinjaException("'" + name + "' is asked of an undefined value");
        }
        if (object instanceof Namespace namespace) {
            return namespace.attributes().getOrDefault(name, Missing.UNDEFINED);
        }
        Optional<Callable> method = Methods.find(object, name);
        if (method.isPresent()) {
            return method.get();
        }
        return object instanceof Map<?, ?> map && map.containsKey(name) ? map.get(name) : Missing.UNDEFINED;
    }

    /** {@code object[index]}: an item first, then a method. */
    static Object item(Object object, Object index) {
        if (object == Missing.UNDEFINED) {
            throw new JinjaException("'" + Values.text(index) + "' is asked of an undefined value");
        }
        Object found = object instanceof Map<?, ?> map ? map.get(Values.key(index)) : null;
        if (found != null) {
            return found;
        }
        if (object instanceof String text && Values.isNumber(index)) {
            int size = characters(text);
            long position = Values.integer(index) + (Values.integer(index) < 0 ? size : 0);
            return position >= 0 && position < size
                    ? Values.character(text.codePointAt(text.offsetByCodePoints(0, (int) position)))
                    : Missing.UNDEFINED;
        }
        if (object instanceof List && Values.isNumber(index)) {
            List<Object> items = Values.items(object);
            long position = Values.integer(index) + (Values.integer(index) < 0 ? items.size() : 0);
            return position >= 0 && position < items.size() ? items.get((int) position) : Missing.UNDEFINED;
        }
        return index instanceof String name ? attribute(object, name) : Missing.UNDEFINED;
    }

    private static int characters(String text) {
        Budget.spend(text.length());
        return text.codePointCount(0, text.length());
    }

    static Object slice(Object object, Object from, Object to, Object by) {
        long step = by == Missing.NONE ? 1 : Values.integer(by);
        if (step == 0) {
            throw new JinjaException("the step of a slice must not be 0");
        }
        boolean isPart = object instanceof String && step == 1;
        List<Object> items = isPart ? List.of() : Values.items(object);
        int size = isPart ? characters((String) object) : items.size();
        long start = from == Missing.NONE ? (step > 0 ? 0 : size - 1) : bound(Values.integer(from), size, step);
        long stop = to == Missing.NONE ? (step > 0 ? size : -1) : bound(Values.integer(to), size, step);
        if (isPart) {
            String text = (String) object;
            int begin = text.offsetByCodePoints(0, (int) Math.min(start, stop));
            return text.substring(begin, text.offsetByCodePoints(begin, (int) Math.max(0, stop - start)));
        }
        List<Object> result = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            result.add(items.get((int) i));
        }
        if (object instanceof String) {
            StringBuilder text = new StringBuilder();
            result.forEach(text::append);
            return text.toString();
        }
        return object instanceof Tuple ? new Tuple(result) : result;
    }

    private static long bound(long value, int size, long step) {
        long position = value < 0 ? value + size : value;
        return step > 0 ? Math.max(0, Math.min(size, position)) : Math.max(-1, Math.min(size - 1, position));
    }
}
