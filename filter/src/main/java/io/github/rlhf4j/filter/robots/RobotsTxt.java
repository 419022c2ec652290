package io.github.rlhf4j.filter.robots;

import io.github.rlhf4j.core.wire.WireReader;
import io.github.rlhf4j.core.wire.WireWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a robots.txt allows: RFC 9309. The groups of a crawler are taken together; where there is none, those of {@code *}. Of the rules that match a path the longest counts, of equally long ones {@code allow}; what no rule matches is allowed.
 *
 * <p>A crawler is known by its product token, such as GPTBot, whatever its case.
 */
public final class RobotsTxt {
    private static final int MOST_CHARACTERS = 500 * 1024; // the least that RFC 9309 asks for (section 2.5)
    private static final String ANY = "*";

    private final List<Group> groups;

    private RobotsTxt(List<Group> groups) {
        this.groups = groups;
    }

    /** What is said to some crawlers. */
    private record Group(Set<String> agents, List<Rule> rules) {}

    private record Rule(PathPattern pattern, boolean isAllowed) {}

    /** Everything is allowed: what a missing file means. */
    public static RobotsTxt allowingAll() {
        return new RobotsTxt(List.of());
    }

    /** Nothing is allowed: what a file means that the server failed to give (status 500 and more). */
    public static RobotsTxt allowingNothing() {
        return parse("User-agent: *\nDisallow: /\n");
    }

    /** Reads a file; lines that are none of robots.txt are passed over. */
    public static RobotsTxt parse(String text) {
        List<Group> groups = new ArrayList<>();
        Set<String> agents = new LinkedHashSet<>();
        List<Rule> rules = new ArrayList<>();
        boolean isNaming = true; // user-agent lines one after the other share the rules below
        String start = text.startsWith("\ufeff") ? text.substring(1) : text;
        for (String line :
                start.substring(0, Math.min(start.length(), MOST_CHARACTERS)).split("\r\n|[\r\n]", -1)) {
            int comment = line.indexOf('#');
            String content = comment < 0 ? line : line.substring(0, comment);
            int colon = content.indexOf(':');
            if (colon < 0) {
                continue;
            }
            String key = content.substring(0, colon).strip().toLowerCase(Locale.ROOT);
            String value = content.substring(colon + 1).strip();
            if (key.equals("user-agent")) {
                if (!isNaming) {
                    groups.add(new Group(Set.copyOf(agents), List.copyOf(rules)));
                    agents.clear();
                    rules.clear();
                }
                isNaming = true;
                agents.add(value.equals(ANY) || value.matches("\\*\\s.*") ? ANY : token(value));
            } else if (key.equals("allow") || key.equals("disallow")) {
                isNaming = false;
                if (!value.isEmpty()) {
                    rules.add(new Rule(PathPattern.of(value), key.equals("allow")));
                }
            }
        }
        groups.add(new Group(Set.copyOf(agents), List.copyOf(rules)));
        return new RobotsTxt(groups);
    }

    /** The product token that a name begins with, in lower case: gptbot of {@code GPTBot/1.2}. */
    private static String token(String name) {
        int end = 0;
        while (end < name.length() && isTokenPart(name.charAt(end))) {
            end++;
        }
        return name.substring(0, end).toLowerCase(Locale.ROOT);
    }

    private static boolean isTokenPart(char character) {
        return character == '-'
                || character == '_'
                || character == '.' // RFC 9309 knows letters, - and _ alone, but crawlers are called AI2Bot and
                // archive.org_bot
                || character >= '0' && character <= '9'
                || character >= 'a' && character <= 'z'
                || character >= 'A' && character <= 'Z';
    }

    /**
     * Whether a crawler may fetch an address.
     *
     * @param agent its product token, or a name that begins with it
     * @param url an address, or its path with the query
     */
    public boolean allows(String agent, String url) {
        String path = WebAddress.path(url);
        if (path.equals("/robots.txt")) {
            return true;
        }
        byte[] octets = WebAddress.escaped(path).getBytes(StandardCharsets.ISO_8859_1);
        String token = token(agent);
        boolean isNamed = groups.stream()
                .anyMatch(group -> !token.isEmpty() && group.agents().contains(token));
        int longest = -1;
        boolean isAllowed = true;
        for (Group group : groups) {
            if (!group.agents().contains(isNamed ? token : ANY)) {
                continue;
            }
            for (Rule rule : group.rules()) {
                int length = rule.pattern().length();
                if (length >= longest && rule.pattern().matches(octets)) {
                    isAllowed = rule.isAllowed() || length == longest && isAllowed;
                    longest = length;
                }
            }
        }
        return isAllowed;
    }

    /** Writes it. */
    void write(WireWriter out) {
        out.putList(
                groups,
                (to, group) -> to.putList(group.agents().stream().sorted().toList(), WireWriter::putText)
                        .putList(group.rules(), (each, rule) -> {
                            each.putBytes(rule.pattern().octets());
                            each.putBoolean(rule.pattern().isWhole()).putBoolean(rule.isAllowed());
                        }));
    }

    /** Reads what {@link #write} wrote. */
    static RobotsTxt read(WireReader in) {
        return new RobotsTxt(in.getList(from -> new Group(
                Set.copyOf(from.getList(WireReader::getText)),
                from.getList(
                        each -> new Rule(new PathPattern(each.getBytes(), each.getBoolean()), each.getBoolean())))));
    }
}
