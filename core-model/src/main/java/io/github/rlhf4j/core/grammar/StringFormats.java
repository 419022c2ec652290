package io.github.rlhf4j.core.grammar;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** JSON Schema's formats as regular expressions. Each accepts valid texts only, but not all of them: no leap seconds, no quoted local parts of addresses, no dotted tail of an IPv6 address. */
final class StringFormats {
    private static final String YEAR = "(?:\\d{3}[1-9]|\\d{2}[1-9]\\d|\\d[1-9]\\d{2}|[1-9]\\d{3})";
    private static final String LEAP_YEAR =
            "(?:\\d{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)";
    private static final String DATE = "(?:" + YEAR
            + "-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)|"
            + LEAP_YEAR + "-02-29)";
    private static final String TIME =
            "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
    private static final String N = "\\d{1,6}";
    private static final String TIME_PART =
            "T(?:" + N + "H(?:" + N + "M(?:" + N + "S)?)?|" + N + "M(?:" + N + "S)?|" + N + "S)";
    private static final String DATE_PART =
            "(?:" + N + "Y(?:" + N + "M(?:" + N + "D)?)?|" + N + "M(?:" + N + "D)?|" + N + "D)";
    /** No label has hyphens in its third and fourth place, which are those of encoded names. */
    private static final String PLAIN_LABEL = "[A-Za-z](?:[A-Za-z0-9]{1,20}(?:-[A-Za-z0-9]{1,20})?)?";

    private static final String HOSTNAME = PLAIN_LABEL + "(?:\\." + PLAIN_LABEL + "){0,3}";
    private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d{2}|[1-9]?\\d)";
    private static final String H = "[0-9A-Fa-f]{1,4}";
    private static final Map<String, String> EXPRESSIONS = expressions();

    private StringFormats() {}

    private static Map<String, String> expressions() {
        Map<String, String> all = new TreeMap<>();
        all.put("date", DATE);
        all.put("time", TIME);
        all.put("date-time", DATE + "T" + TIME);
        all.put("duration", "P(?:" + N + "W|" + DATE_PART + "(?:" + TIME_PART + ")?|" + TIME_PART + ")");
        all.put(
                "email",
                "[A-Za-z0-9_+-]{1,30}(?:\\.[A-Za-z0-9_+-]{1,30})?@" + PLAIN_LABEL + "(?:\\." + PLAIN_LABEL
                        + "){0,2}\\.[A-Za-z]{2,10}");
        all.put("hostname", HOSTNAME);
        all.put("ipv4", BYTE + "(?:\\." + BYTE + "){3}");
        all.put("ipv6", ipv6());
        all.put(
                "uri",
                "https?://" + HOSTNAME
                        + "(?::\\d{1,4})?(?:/[A-Za-z0-9._~-]{0,40}){0,8}(?:\\?[A-Za-z0-9._~=&-]{0,80})?");
        all.put("uuid", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");
        return all;
    }

    /** Eight groups, or fewer with one gap. */
    private static String ipv6() {
        StringBuilder all = new StringBuilder("(?:(?:" + H + ":){7}" + H);
        for (int before = 0; before <= 6; before++) {
            String left = before == 0 ? "" : H + "(?::" + H + "){" + (before - 1) + "}";
            int after = 6 - before;
            String right = after == 0 ? "" : "(?:" + H + "(?::" + H + "){0," + (after - 1) + "})?";
            all.append('|').append(left).append("::").append(right);
        }
        return all.append(')').toString();
    }

    static String names() {
        return String.join(", ", EXPRESSIONS.keySet());
    }

    static Optional<Regex> of(String format) {
        return Optional.ofNullable(EXPRESSIONS.get(format))
                .map(expression -> RegexParser.parse(expression, "format " + format));
    }
}
