package io.github.rlhf4j.http;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.Printable;
import io.github.rlhf4j.core.UserError;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where questions are posted.
 *
 * @param url http or https, with a host
 * @param headers sent with each question, such as Authorization; never in a message
 */
public record Endpoint(URI url, Map<String, String> headers) {
    private static final int SHORTEST_SECRET = 4;
    private static final int QUOTED = 200; // characters of what a server said

    public Endpoint {
        headers = new LinkedHashMap<>(headers);
    }

    /**
     * The URL of a run file.
     *
     * @param key that gives it, for the message
     * @throws io.github.rlhf4j.core.stage.ConfigException where it is none
     */
    public static Endpoint of(String key, String url) {
        URI parsed = parsed(url);
        checkConfig(
                ("http".equalsIgnoreCase(parsed.getScheme()) || "https".equalsIgnoreCase(parsed.getScheme()))
                        && parsed.getHost() != null
                        && parsed.getPort() <= 65_535,
                key,
                url,
                "must be a URL such as http://localhost:8000/score");
        checkConfig(
                parsed.getUserInfo() == null && parsed.getFragment() == null,
                key,
                parsed.getScheme() + "://...",
                "must have no user, no password and no fragment");
        return new Endpoint(parsed, Map.of());
    }

    private static URI parsed(String url) {
        try {
            return new URI(url);
        } catch (URISyntaxException e) {
            return URI.create(""); // refused by the caller
        }
    }

    /**
     * With one more header.
     *
     * @throws UserError where the value has characters that no header may have; it may be a secret, so it is not quoted
     */
    public Endpoint with(String header, String value) {
        if (!value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new UserError(
                    "the key for " + shown() + " must be printable ASCII without a line's end in it, but is not;"
                            + " look at the environment variable that it is from");
        }
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Endpoint(url, more);
    }

    /** The beginning of what a server said, on one line, without what it was sent as a secret: some servers say a wrong key back. */
    public String quoted(String said) {
        String shown = said;
        for (String header : headers.values()) {
            for (String secret : secrets(header)) {
                shown = secret.length() < SHORTEST_SECRET ? shown : shown.replace(secret, "***");
            }
        }
        String line = Printable.line(shown.strip());
        return line.length() > QUOTED ? line.substring(0, QUOTED) + "..." : line;
    }

    /** A header's value, its last word, such as a key, and the password in it, the longest first. */
    private static List<String> secrets(String header) {
        String word = header.substring(header.lastIndexOf(' ') + 1);
        return List.of(header, word, header.startsWith("Basic ") ? password(word) : "");
    }

    private static String password(String encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            return pair.substring(pair.indexOf(':') + 1);
        } catch (IllegalArgumentException e) {
            return ""; // not one
        }
    }

    /** The URL without its query, where keys may be: for messages. */
    public String shown() {
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        String path = url.getPath() == null ? "" : url.getPath();
        return url.getScheme() + "://" + url.getHost() + port + path;
    }

    /** Headers may be secrets. */
    @Override
    public String toString() {
        return shown();
    }
}
