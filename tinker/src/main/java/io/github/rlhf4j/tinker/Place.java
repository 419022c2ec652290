package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.UserError;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where something is saved: {@code tinker://RUN/KIND/NAME}.
 *
 * @param run id of the model that it was saved of
 * @param kind of {@link #TRAINING} or {@link #SAMPLING}
 * @param name given by the client
 */
record Place(String run, String kind, String name) {
    /** Weights to train further. */
    static final String TRAINING = "weights";

    /** Weights to sample from. */
    static final String SAMPLING = "sampler_weights";

    private static final Map<String, String> TYPES = Map.of(TRAINING, "training", SAMPLING, "sampler");
    private static final Pattern RUN = Pattern.compile("(session-[0-9]{4,9}):train:([0-9]{1,9})");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,199}");
    private static final String SCHEME = "tinker://";

    Place {
        if (!RUN.matcher(run).matches() || !TYPES.containsKey(kind)) {
            throw new UserError("\"" + shown(run + "/" + kind) + "\" is no path of this server");
        }
        if (!NAME.matcher(name).matches() || name.endsWith(".")) {
            throw new UserError(
                    "a name of what is saved must be 1 to 200 letters, digits, '_', '-' and '.', not beginning with '.' or '-' nor ending with '.', but is \""
                            + shown(name) + "\"");
        }
    }

    /** @throws UserError where that is no path of this server's */
    static Place of(String path) {
        String[] parts =
                path.startsWith(SCHEME) ? path.substring(SCHEME.length()).split("/", -1) : new String[0];
        if (parts.length != 3) {
            throw new UserError(
                    "a path must be tinker://RUN/weights/NAME or tinker://RUN/sampler_weights/NAME, but is \""
                            + shown(path) + "\"");
        }
        return new Place(parts[0], parts[1], parts[2]);
    }

    /** Never out of {@code root}. */
    Path under(Path root) {
        return folderOfRun(root, run).resolve(kind).resolve(name);
    }

    /** The folder of a model. */
    static Path folderOfRun(Path root, String run) {
        Matcher parts = RUN.matcher(run);
        if (!parts.matches()) {
            throw new UserError("\"" + shown(run) + "\" is no training run of this server");
        }
        return root.resolve(parts.group(1)).resolve("train-" + Long.parseLong(parts.group(2)));
    }

    /** As a client says it. */
    String path() {
        return SCHEME + run + "/" + kind + "/" + name;
    }

    /** In the SDK's words. */
    String type() {
        return TYPES.getOrDefault(kind, kind);
    }

    private static String shown(String text) {
        String line = text.replaceAll("[^\\x20-\\x7E]", "?");
        return line.length() > 100 ? line.substring(0, 100) + "..." : line;
    }
}
