package io.github.rlhf4j.rollout;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The answer that a text ends with, brought into one form.
 *
 * <p>Normalised as the code of Hendrycks et al. 2021 (arXiv:2103.03874, math_equivalence.py) does: LaTeX's spaces, sizes, degrees, dollars, units in \text, percent signs and short forms of \frac and \sqrt. Read as an exact number where it is one: integers, decimals, thousands separators, fractions, mixed numbers,
 * powers of ten, percent, currencies, units.
 */
final class MathAnswer {
    private static final int LONGEST = 200; // characters of a number
    private static final int LARGEST_EXPONENT = 400;
    private static final String DECIMAL = "(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\\.[0-9]+)?|[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)";
    private static final Pattern NUMBER = Pattern.compile("([-+]?)(" + DECIMAL + ")(?:[eE]([-+]?[0-9]{1,3}))?");
    private static final Pattern SCIENTIFIC =
            Pattern.compile("([-+]?)(" + DECIMAL + ")(?:\\\\times|\\\\cdot|×|\\*|x)10\\^\\{?([-+]?[0-9]{1,3})\\}?");
    private static final Pattern SLASH = Pattern.compile("([-+]?)(" + DECIMAL + ")/(" + DECIMAL + ")");
    private static final Pattern FRAC =
            Pattern.compile("([-+]?)(" + DECIMAL + ")?\\\\frac\\{(-?" + DECIMAL + ")\\}\\{(-?" + DECIMAL + ")\\}");
    private static final Pattern MIXED = Pattern.compile("([-+]?)([0-9]+)\\s+([0-9]+)/([0-9]+)");
    private static final Pattern UNIT =
            Pattern.compile("(?<=[0-9}.])(?:\\s+[\\p{L}][\\p{L}.²³/^0-9-]*(?:\\s+\\p{L}+){0,3}|\\p{L}{2,12})\\.?$");
    private static final Pattern LAST_NUMBER =
            Pattern.compile("([-+]?[$€£]?(?:\\\\frac\\{[^{}]+\\}\\{[^{}]+\\}|[0-9]+\\s+[0-9]+/[0-9]+|" + DECIMAL
                    + "(?:/[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?:\\s*\\\\?%)?)");
    private static final Pattern SAID = Pattern.compile("(?i)\\banswer\\s*(?:is|:|=)\\s*:?\\s*([^\\n]+)");
    private static final Pattern TAGGED = Pattern.compile("(?s)<answer>(.*?)</answer>");

    private MathAnswer() {}

    /** Whether a response's answer is the right one. */
    static boolean isRight(String response, String right, double tolerance) {
        String wanted = marked(right).orElse(right);
        Optional<String> marked = marked(response);
        if (marked.isPresent() && isSame(marked.get(), wanted, tolerance) || isSame(response, wanted, tolerance)) {
            return true;
        }
        return marked.isEmpty()
                && number(wanted).isPresent()
                && last(LAST_NUMBER, response)
                        .filter(last -> isSame(last, wanted, tolerance))
                        .isPresent();
    }

    private static boolean isSame(String given, String wanted, double tolerance) {
        Optional<Value> a = number(given);
        Optional<Value> b = number(wanted);
        if (a.isPresent() && b.isPresent()) {
            return a.get().isNear(b.get(), tolerance);
        }
        return normalized(given).equals(normalized(wanted));
    }

    /** What is marked as the answer: the last \boxed, what follows ####, the last &lt;answer&gt;, or what follows "the answer is". */
    static Optional<String> marked(String text) {
        Optional<String> boxed = boxed(text);
        if (boxed.isPresent()) {
            return boxed;
        }
        int hashes = text.lastIndexOf("####");
        if (hashes >= 0) {
            return Optional.of(
                    text.substring(hashes + 4).strip().lines().findFirst().orElse(""));
        }
        Optional<String> tagged = last(TAGGED, text);
        return tagged.isPresent()
                ? tagged
                : last(SAID, text).map(said -> said.strip().replaceFirst("\\.$", ""));
    }

    /** The first group of the last match. */
    private static Optional<String> last(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        Optional<String> found = Optional.empty();
        while (matcher.find()) {
            found = Optional.of(matcher.group(1));
        }
        return found;
    }

    /** What is in the last \boxed or \fbox, braces paired. */
    private static Optional<String> boxed(String text) {
        int start = Math.max(text.lastIndexOf("\\boxed"), text.lastIndexOf("\\fbox"));
        if (start < 0) {
            return Optional.empty();
        }
        int open = text.indexOf('{', start);
        if (open < 0) {
            String rest = text.substring(start).replaceFirst("^\\\\(boxed|fbox)\\s*", "");
            return Optional.of(rest.split("[\\s$]", 2)[0]);
        }
        int depth = 0;
        for (int i = open; i < text.length(); i++) {
            depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return Optional.of(text.substring(open + 1, i));
            }
        }
        return Optional.empty();
    }

    /** A number, which where it is in percent may also be meant as a hundredth. */
    private record Value(Fraction number, boolean isPercent) {
        boolean isNear(Value right, double tolerance) {
            return number.isNear(right.number, tolerance)
                    || isPercent && number.hundredth().isNear(right.number, tolerance)
                    || right.isPercent && number.isNear(right.number.hundredth(), tolerance);
        }
    }

    private static Optional<Value> number(String given) {
        if (given.length() > LONGEST) {
            return Optional.empty();
        }
        String text = given.strip().replace('−', '-').replaceFirst("[.:;]$", "");
        boolean isPercent = text.contains("%");
        Matcher mixed = MIXED.matcher(text.replace("$", ""));
        if (mixed.matches()) {
            return fraction(mixed.group(1), mixed.group(2), mixed.group(3), mixed.group(4))
                    .map(value -> new Value(value, false));
        }
        String plain = UNIT.matcher(latex(text).strip()).replaceFirst("");
        return exact(plain.replaceAll("[$€£°\\s]", "")).map(value -> new Value(value, isPercent));
    }

    private static Optional<Fraction> exact(String text) {
        Matcher frac = FRAC.matcher(text);
        if (frac.matches()) {
            return fraction(frac.group(1), frac.group(2), frac.group(3), frac.group(4));
        }
        Matcher slash = SLASH.matcher(text);
        if (slash.matches()) {
            return fraction(slash.group(1), null, slash.group(2), slash.group(3));
        }
        Matcher number = NUMBER.matcher(text);
        if (!number.matches()) {
            number = SCIENTIFIC.matcher(text);
        }
        if (!number.matches()) {
            return Optional.empty();
        }
        int exponent = number.group(3) == null ? 0 : Integer.parseInt(number.group(3));
        if (Math.abs(exponent) > LARGEST_EXPONENT) {
            return Optional.empty();
        }
        Fraction value = Fraction.of(decimal(number.group(2)).scaleByPowerOfTen(exponent));
        return Optional.of(number.group(1).equals("-") ? value.negated() : value);
    }

    private static Optional<Fraction> fraction(String sign, @Nullable String whole, String above, String below) {
        Fraction divisor = signed(below);
        if (divisor.isZero()) {
            return Optional.empty();
        }
        Fraction value = signed(above).dividedBy(divisor).plus(whole == null ? Fraction.ZERO : signed(whole));
        return Optional.of(sign.equals("-") ? value.negated() : value);
    }

    private static Fraction signed(String text) {
        return text.startsWith("-") ? Fraction.of(decimal(text.substring(1))).negated() : Fraction.of(decimal(text));
    }

    private static BigDecimal decimal(String text) {
        String plain = text.replace(",", "");
        return new BigDecimal(plain.endsWith(".") ? plain + "0" : plain);
    }

    /** Without what LaTeX adds to a number. */
    private static String latex(String given) {
        String text = given.replace("\n", "")
                .replace("\\!", "")
                .replace("\\,", "")
                .replace("{,}", ",")
                .replace("\\\\", "\\")
                .replace("tfrac", "frac")
                .replace("dfrac", "frac")
                .replace("\\left", "")
                .replace("\\right", "")
                .replace("^{\\circ}", "")
                .replace("^\\circ", "")
                .replace("\\$", "")
                .replace("\\%", "")
                .replace("%", "");
        int unit = text.indexOf("\\text{");
        text = unit > 0 ? text.substring(0, unit) : text;
        unit = text.indexOf("\\mathrm{");
        text = unit > 0 ? text.substring(0, unit) : text;
        return text.replaceAll("\\\\frac\\s*([0-9])\\s*([0-9])(?![0-9])", "\\\\frac{$1}{$2}");
    }

    /** Hendrycks' strip_string. */
    static String normalized(String given) {
        String text = latex(given.strip()).replace(" .", " 0.").replace("{.", "{0.");
        if (text.isEmpty()) {
            return text;
        }
        text = text.startsWith(".") ? "0" + text : text;
        String[] sides = text.split("=", -1);
        if (sides.length == 2 && sides[0].length() <= 2) {
            text = sides[1];
        }
        text = text.replaceAll("\\\\sqrt([^{])", "\\\\sqrt{$1}").replace(" ", "");
        text = text.replaceAll("\\\\frac([^{])([^{])", "\\\\frac{$1}{$2}")
                .replaceAll("\\\\frac([^{])\\{", "\\\\frac{$1}{")
                .replaceAll("(\\\\frac\\{[^{}]*\\})([^{])", "$1{$2}");
        if (text.equals("0.5")) {
            return "\\frac{1}{2}";
        }
        return text.replaceFirst("^(-?[0-9]+)/(-?[0-9]+)$", "\\\\frac{$1}{$2}").replace("$", "");
    }
}
