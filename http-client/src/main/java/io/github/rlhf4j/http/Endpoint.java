package io.github.rlhf4j.http;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where questions are posted.
 *
 * @param url http or https, with a host
 * @param headers sent with each question, such as Authorization; never in a message
 */
public record Endpoint(URI url, Map<String, String> headers) {
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

    /** With one more header. */
    public Endpoint with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Endpoint(url, more);
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
