package io.github.rlhf4j.cli;

import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.core.UserError;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** How tokens are chosen, on the command line. */
final class SamplingFlags {
    @Option(names = "--greedy", description = "Take the most likely token always.")
    private boolean greedy;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "1",
            description = "Divides the logits (${DEFAULT-VALUE}).")
    private double temperature;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "Smallest set of tokens of this probability; 1: all.")
    private double topP;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Only the k most likely tokens; 0: all.")
    private int topK;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            defaultValue = "0",
            description = "Only tokens this likely relative to the most likely.")
    private double minP;

    @Option(names = "--repetition-penalty", paramLabel = "X", defaultValue = "1", description = "1: none.")
    private double repetitionPenalty;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Most tokens written (${DEFAULT-VALUE}).")
    private int maxNewTokens;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Of the sampling (${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "Ends a continuation with the token that completes this text; may be given several times.")
    private List<String> stopStrings = new ArrayList<>();

    /**
     * What was asked for.
     *
     * @param samples continuations of each prompt
     * @param chat whether a plain prompt is put into the model's chat template
     */
    GenerationOptions options(int samples, boolean chat) {
        if (greedy && (temperature != 1 || topP != 1 || topK != 0 || minP != 0)) {
            throw new UserError(
                    "--greedy takes the most likely token, whatever --temperature, --top-p, --top-k and --min-p"
                            + " say: leave them out, or --greedy");
        }
        return new GenerationOptions(
                greedy,
                temperature,
                topP,
                topK,
                minP,
                repetitionPenalty,
                maxNewTokens,
                samples,
                seed,
                stopStrings,
                chat);
    }

    long seed() {
        return seed;
    }
}
