package io.github.rlhf4j.cli.torture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A reader for Jazzer, which looks for inputs that reach new code: tools/fuzz. Arguments: the corpus's folder, the name of a target, and a folder for the whole input to begin with.
 */
public final class Fuzz {
    private static BadInputs inputs = new BadInputs(Path.of("."), 0);
    private static Target target = new Target("", Form.TEXT, "", "", java.util.List.of());

    private Fuzz() {}

    /** Called once, by Jazzer. */
    public static void fuzzerInitialize(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]).toAbsolutePath();
        inputs = new BadInputs(folder, 0);
        Corpus corpus = new Corpus(folder);
        corpus.makeOnce();
        target = Objects.requireNonNull(corpus.targets().get(arguments[1].replace('+', ' ')));
        Path seed = Path.of(arguments[2], "whole");
        if (!Files.exists(seed)) {
            Files.write(seed, inputs.whole(target));
        }
    }

    /** Called for each input, by Jazzer. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        BadInputs.Judged judged = inputs.judge(target, input, Form.Expected.EITHER);
        if (!judged.outcome().equals("accepted") && !judged.outcome().startsWith("refused")) {
            throw new IllegalStateException(judged.outcome() + ": " + judged.message());
        }
    }
}
