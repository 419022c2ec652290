package io.github.rlhf4j.cli;

import io.github.rlhf4j.core.UserError;
import java.io.File;
import java.util.Objects;

/** What {@code RLHF4J_CLASS_PATH} names, which the JVM would pass over in silence where it is missing. */
final class ClassPathEntries {
    private static final String VARIABLE = "RLHF4J_CLASS_PATH";

    private ClassPathEntries() {}

    static void check() {
        check(Objects.requireNonNullElse(System.getenv(VARIABLE), ""));
    }

    /** @throws UserError that names an entry which does not exist */
    static void check(String classPath) {
        for (String entry : classPath.split(File.pathSeparator)) {
            boolean isFolderOfJars = entry.endsWith(File.separator + "*");
            File file = new File(isFolderOfJars ? entry.substring(0, entry.length() - 2) : entry);
            if (!entry.isEmpty() && !file.exists()) {
                throw new UserError(VARIABLE + " names " + entry
                        + ", which does not exist; a relative path counts from " + new File("").getAbsolutePath());
            }
        }
    }
}
