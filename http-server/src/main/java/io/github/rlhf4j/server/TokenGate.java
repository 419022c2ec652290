package io.github.rlhf4j.server;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * Asks for the token: in the header Authorization or X-Api-Key, in a cookie, or once in the URL ({@code ?token=...}), which sets the cookie and leads to the same page without it, so that it stays in no history.
 */
final class TokenGate {
    static final String PARAMETER = "token";
    private static final String BEARER = "Bearer ";

    private final Access access;
    private final int port;

    TokenGate(Access access, int port) {
        this.access = access;
        this.port = port;
    }

    /**
     * Lets a request pass.
     *
     * @return an answer instead of the handler's, where the token came in the URL
     * @throws HttpFailure 401 where there is no token, or another one
     */
    Optional<Answer> pass(Call call) {
        if (!access.asksForToken()) {
            return Optional.empty();
        }
        Optional<String> inUrl = call.query(PARAMETER);
        if (inUrl.isPresent() && call.method().equals("GET") && access.isToken(inUrl.get())) {
            return Optional.of(withoutToken(call));
        }
        if (access.isToken(bearer(call))
                || access.isToken(call.header("x-api-key").orElse(""))
                || access.isToken(cookie(call))) {
            return Optional.empty();
        }
        throw new HttpFailure(
                        401,
                        "the token is missing or wrong: open the address that the program printed, or send it as \"Authorization: Bearer TOKEN\"")
                .with("WWW-Authenticate", "Bearer");
    }

    private Answer withoutToken(Call call) {
        StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
        for (Map.Entry<String, String> parameter : call.queries().entrySet()) {
            if (!parameter.getKey().equals(PARAMETER)) {
                query.add(encoded(parameter.getKey()) + "=" + encoded(parameter.getValue()));
            }
        }
        StringBuilder path = new StringBuilder();
        for (String part : Route.parts(call.path())) {
            path.append('/').append(encoded(part).replace("+", "%20"));
        }
        String place = path.toString().replaceFirst("^/+", "/"); // two slashes would name a host
        return Answer.bytes(303, "", new byte[0])
                .with("Location", place + query)
                .with("Set-Cookie", cookieName() + "=" + access.token() + "; Path=/; HttpOnly; SameSite=Strict");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String bearer(Call call) {
        String given = call.header("authorization").orElse("");
        return given.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? given.substring(BEARER.length()).strip()
                : "";
    }

    private String cookie(Call call) {
        for (String cookie : call.header("cookie").orElse("").split(";")) {
            String[] pair = cookie.strip().split("=", 2);
            if (pair.length == 2 && pair[0].equals(cookieName())) {
                return pair[1];
            }
        }
        return "";
    }

    /** Cookies know no ports, so the name does. */
    private String cookieName() {
        return "rlhf4j-" + port;
    }
}
