package io.github.rlhf4j.server;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Set;

/**
 * Who may ask.
 *
 * @param token that every request must bring, unless its route is open; empty for none
 * @param hosts names that a Host header may have, in lower case, whatever the port; empty for any
 * @param origins whose pages may ask besides the server's own, such as {@code http://localhost:3000}
 */
record Access(String token, Set<String> hosts, Set<String> origins) {
    static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    Access {
        hosts = Set.copyOf(hosts);
        origins = Set.copyOf(origins);
    }

    /**
     * Against DNS rebinding: a page of evil.example whose name has come to mean this machine still says evil.example.
     *
     * @throws HttpFailure 403 for a name that is not this server's
     */
    void checkHost(String host) {
        if (!hosts.isEmpty() && !hosts.contains(name(host))) {
            throw new HttpFailure(403, "this server does not answer for the host \"" + shown(host) + "\"");
        }
    }

    /**
     * Against forged requests of pages: a browser says whose page asks.
     *
     * @param origin of the page; empty where the browser, or a program, says none
     * @param site the header Sec-Fetch-Site; empty for none
     * @throws HttpFailure 403 for a page of another origin
     */
    void checkOrigin(String method, String host, String origin, String site) {
        if (!origin.isEmpty() && !isOwn(host, origin) && !isAllowed(origin)) {
            throw new HttpFailure(403, "this server does not answer pages of the origin \"" + shown(origin) + "\"");
        }
        boolean changes = !method.equals("GET") && !method.equals("HEAD");
        if (origin.isEmpty() && changes && (site.equals("cross-site") || site.equals("same-site"))) {
            throw new HttpFailure(403, "this server does not answer pages of other origins");
        }
    }

    /** Whether a page of another origin may read answers. */
    boolean isAllowed(String origin) {
        return origins.contains(origin);
    }

    /** Whether a token is the one; takes the same time for every wrong one. */
    boolean isToken(String given) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    }

    boolean asksForToken() {
        return !token.isEmpty();
    }

    private static boolean isOwn(String host, String origin) {
        try {
            URI uri = URI.create(origin);
            return uri.getAuthority() != null
                    && uri.getAuthority().equalsIgnoreCase(host)
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Of a Host header, without the port. */
    private static String name(String host) {
        int colon = host.lastIndexOf(':');
        boolean hasPort = colon > host.lastIndexOf(']');
        return (hasPort ? host.substring(0, colon) : host).toLowerCase(Locale.ROOT);
    }

    private static String shown(String text) {
        String line = text.replaceAll("[^\\x20-\\x7E]", "?");
        return line.length() > 100 ? line.substring(0, 100) + "..." : line;
    }
}
