package io.github.rlhf4j.server;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which requests a handler answers.
 *
 * @param method GET answers HEAD too
 * @param parts of the pattern between slashes: {@code {name}} stands for any one part, {@code {name*}} for all that follow, at least one
 * @param isOpen whether no token is asked for
 */
record Route(String method, List<String> parts, Handler handler, boolean isOpen) {
    Route {
        parts = List.copyOf(parts);
    }

    static Route of(String method, String pattern, Handler handler, boolean isOpen) {
        if (!pattern.startsWith("/")) {
            throw new IllegalArgumentException("a pattern begins with a slash, unlike " + pattern);
        }
        return new Route(method, parts(pattern), handler, isOpen);
    }

    static List<String> parts(String path) {
        return List.of(path.substring(1).split("/", -1));
    }

    /** The variables where the path is of this pattern. */
    Optional<Map<String, String>> match(List<String> path) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            String part = parts.get(i);
            if (i >= path.size()) {
                return Optional.empty();
            }
            if (part.endsWith("*}")) {
                variables.put(part.substring(1, part.length() - 2), String.join("/", path.subList(i, path.size())));
                return Optional.of(variables);
            }
            if (part.startsWith("{")) {
                if (path.get(i).isEmpty()) {
                    return Optional.empty();
                }
                variables.put(part.substring(1, part.length() - 1), path.get(i));
            } else if (!part.equals(path.get(i))) {
                return Optional.empty();
            }
        }
        return path.size() == parts.size() ? Optional.of(variables) : Optional.empty();
    }

    boolean takes(String given) {
        return method.equals(given) || method.equals("GET") && given.equals("HEAD");
    }
}
