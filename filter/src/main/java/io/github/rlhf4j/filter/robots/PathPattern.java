package io.github.rlhf4j.filter.robots;

import java.nio.charset.StandardCharsets;

/**
 * The path of a rule: a beginning, with {@code *} for any characters and {@code $} at the end for the end of the path.
 *
 * @param octets without the final {@code $}
 * @param isWhole whether the path must end where it ends
 */
record PathPattern(byte[] octets, boolean isWhole) {
    static PathPattern of(String given) {
        String escaped = WebAddress.escaped(given);
        boolean isWhole = escaped.endsWith("$");
        return new PathPattern(
                (isWhole ? escaped.substring(0, escaped.length() - 1) : escaped).getBytes(StandardCharsets.ISO_8859_1),
                isWhole);
    }

    /** Octets, by which the most specific rule is found. */
    int length() {
        return octets.length + (isWhole ? 1 : 0);
    }

    /** Whether a path begins so; linear in the product of both lengths at worst. */
    boolean matches(byte[] path) {
        int at = 0; // of the path
        int pattern = 0;
        int star = -1; // the place after the last *
        int retry = 0; // where in the path that * may end next
        while (true) {
            if (pattern == octets.length && (!isWhole || at == path.length)) {
                return true;
            }
            if (pattern < octets.length && octets[pattern] == '*') {
                star = ++pattern;
                retry = at;
            } else if (pattern < octets.length && at < path.length && octets[pattern] == path[at]) {
                pattern++;
                at++;
            } else if (star >= 0 && retry < path.length) {
                at = ++retry;
                pattern = star;
            } else {
                return false;
            }
        }
    }
}
