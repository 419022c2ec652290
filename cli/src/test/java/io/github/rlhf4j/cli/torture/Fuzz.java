package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.testing.damage.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What Jazzer calls, which looks for inputs that reach new code: tools/fuzz. Arguments: the corpus's folder, the name of a target of {@link Corpus} or a reader of {@link FuzzReaders}, a folder for the whole
 * input to begin with, and a folder to work in.
 */
public final class Fuzz {
    private static @Nullable FuzzReaders readers;
    private static @Nullable BadInputs inputs;
    private static @Nullable Target target;
    private static String name = "";

    private Fuzz() {}

    /** Called once, by Jazzer. */
    public static void fuzzerInitialize(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        Corpus corpus = new Corpus(folder);
        corpus.makeOnce();
        name = arguments[1].replace('+', ' ');
        FuzzReaders all = new FuzzReaders(corpus, Path.of(arguments[3]));
        byte[] whole;
        if (all.has(name)) {
            readers = all;
            all.prepare(name);
            whole = all.whole(name);
        } else {
            inputs = new BadInputs(folder, 0);
            target = Objects.requireNonNull(corpus.targets().get(name));
            whole = inputs.whole(target);
        }
        Path seed = Path.of(arguments[2], "whole");
        if (!Files.exists(seed)) {
            Files.write(seed, whole);
        }
    }

    /** Called for each input, by Jazzer. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        if (readers != null) {
            readers.read(name, input);
        } else if (inputs != null && target != null) {
            BadInputs.Judged judged = inputs.judge(target, input, Form.Expected.EITHER);
            if (!judged.outcome().equals("accepted") && !judged.outcome().startsWith("refused")) {
                throw new IllegalStateException(judged.outcome() + ": " + judged.message());
            }
        }
    }
}
