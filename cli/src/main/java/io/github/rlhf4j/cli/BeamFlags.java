package io.github.rlhf4j.cli;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.generation.BeamOptions;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Beam search, on the command line. */
final class BeamFlags {
    @Option(
            names = "--num-beams",
            paramLabel = "N",
            defaultValue = "1",
            description = "Beam search with so many beams; 1: sampling.")
    private int numBeams;

    @Option(
            names = "--length-penalty",
            paramLabel = "X",
            description = "A beam's score is its log-prob divided by its tokens to this power (1).")
    private Optional<Double> lengthPenalty = Optional.empty();

    @Option(
            names = "--early-stopping",
            paramLabel = "WHEN",
            description =
                    "true: when there are enough ended beams; false (default): when better ones are unlikely; never: when they are impossible.")
    private Optional<String> earlyStopping = Optional.empty();

    GenerationOptions put(GenerationOptions options) {
        if (numBeams == 1) {
            if (lengthPenalty.isPresent() || earlyStopping.isPresent()) {
                throw new UserError("--length-penalty and --early-stopping need --num-beams of 2 or more");
            }
            return options;
        }
        return options.toBuilder()
                .beams(new BeamOptions(numBeams, lengthPenalty.orElse(1.0), stopping()))
                .build();
    }

    private BeamOptions.EarlyStopping stopping() {
        return switch (earlyStopping.orElse("false")) {
            case "true" -> BeamOptions.EarlyStopping.TRUE;
            case "false" -> BeamOptions.EarlyStopping.FALSE;
            case "never" -> BeamOptions.EarlyStopping.NEVER;
            default ->
                throw new UserError(
                        "--early-stopping must be true, false or never, but is " + earlyStopping.orElse(""));
        };
    }
}
