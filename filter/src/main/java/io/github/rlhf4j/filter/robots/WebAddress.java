package io.github.rlhf4j.filter.robots;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parts of addresses, read leniently: crawled addresses are not always those of RFC 3986. */
public final class WebAddress {
    private static final Pattern ADDRESS =
            Pattern.compile("(?s)(?:[A-Za-z][A-Za-z0-9+.-]*:)?//(?:[^/?#]*@)?([^/?#:]*)(?::[0-9]*)?([^#]*).*");
    private static final Pattern HOST = Pattern.compile("[\\p{L}\\p{N}_-]+(\\.[\\p{L}\\p{N}_-]+)+\\.?");

    private static final int LONGEST_HOST = 254; // RFC 1035, with the dot at the end

    private WebAddress() {}

    /** The host of an address, in lower case and without www. in front; empty where it is no address. A host alone is one. */
    public static Optional<String> host(String url) {
        Matcher address = ADDRESS.matcher(url);
        String host = address.matches() ? address.group(1) : url;
        return host.length() <= LONGEST_HOST && HOST.matcher(host).matches() || host.equals("localhost")
                ? Optional.of(
                        host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "").replaceFirst("^www\\.(?=.+\\.)", ""))
                : Optional.empty();
    }

    /** Path and query, without fragment; "/" where there is none. */
    static String path(String url) {
        Matcher address = ADDRESS.matcher(url);
        String path = address.matches() ? address.group(2) : url.replaceFirst("#.*", "");
        return path.startsWith("/") ? path : "/" + path;
    }

    /** Octets that are not ASCII as %XX, escapes of unreserved characters as these, others in capitals, so that all ways of writing are equal (RFC 9309, section 2.2.2). */
    static String escaped(String path) {
        StringBuilder escaped = new StringBuilder();
        byte[] octets = path.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < octets.length; i++) {
            char octet = (char) (octets[i] & 0xFF);
            if (octet == '%' && i + 2 < octets.length && isHex(octets[i + 1]) && isHex(octets[i + 2])) {
                char meant = (char)
                        (16 * Character.digit((char) octets[i + 1], 16) + Character.digit((char) octets[i + 2], 16));
                escaped.append(isUnreserved(meant) ? String.valueOf(meant) : hex(meant));
                i += 2;
            } else if (octet >= 0x80) {
                escaped.append(hex(octet));
            } else {
                escaped.append(octet);
            }
        }
        return escaped.toString();
    }

    private static String hex(char octet) {
        return String.format(Locale.ROOT, "%%%02X", (int) octet);
    }

    private static boolean isUnreserved(char character) {
        return character < 0x80 && (Character.isLetterOrDigit(character) || "-._~".indexOf(character) >= 0);
    }

    private static boolean isHex(byte octet) {
        return Character.digit((char) octet, 16) >= 0;
    }
}
