package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.testing.damage.Form;
import java.util.List;

/**
 * A file that is damaged and the command that reads it. In the command {@code $file} is the damaged file, {@code $folder} the folder that it is in, {@code $out} an empty folder.
 *
 * @param folder of the corpus, copied whole; empty where the file alone is
 */
record Target(String name, Form form, String folder, String file, List<String> command) {
    /** Whether the program can do without the file: it is made again, or left out with a warning. */
    boolean isDerived() {
        return folder.equals("runs/chain");
    }
}
