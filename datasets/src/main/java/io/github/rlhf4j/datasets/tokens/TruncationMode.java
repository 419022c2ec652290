package io.github.rlhf4j.datasets.tokens;

/** What happens to an example that is longer than {@code max_length}. */
public enum TruncationMode {
    /**
     * The prompt is cut from its left, its BOS kept; where the response alone is too long, it is cut before its end token, which stays. The default.
     */
    PROMPT_LEFT("prompt_left"),
    /** The first max_length tokens of prompt and response are kept, as TRL's SFT and DPO do; dropped where no response token is left. */
    KEEP_START("keep_start"),
    /** The example is left out, as TRL's reward trainer does. */
    DROP("drop");

    private final String configName;

    TruncationMode(String configName) {
        this.configName = configName;
    }

    /** The name in run files. */
    public String configName() {
        return configName;
    }
}
