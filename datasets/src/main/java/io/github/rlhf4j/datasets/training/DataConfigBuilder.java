package io.github.rlhf4j.datasets.training;

import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.tokens.TruncationMode;
import java.util.Optional;

/**
 * Sets the keys of a {@link DataConfig} one by one: {@code DataConfig.builder(dataset).maxLength(512).build()}.
 *
 * <p>The methods are the run file's keys, the defaults those of the defaults file. Nothing is checked before {@link #build}.
 */
public final class DataConfigBuilder {
    private DatasetSpec dataset;
    private Optional<EvalDatasets> evalDataset;
    private double evalFraction;
    private int maxLength;
    private TruncationMode truncationMode;
    private boolean splitSpecialTokens;
    private Optional<Boolean> applyChatTemplate;

    DataConfigBuilder(DataConfig from) {
        dataset = from.dataset();
        evalDataset = from.evalDataset();
        evalFraction = from.evalFraction();
        maxLength = from.maxLength();
        truncationMode = from.truncationMode();
        splitSpecialTokens = from.splitSpecialTokens();
        applyChatTemplate = from.applyChatTemplate();
    }

    /** What to train on. */
    public DataConfigBuilder dataset(DatasetSpec value) {
        dataset = value;
        return this;
    }

    /** What to evaluate on. */
    public DataConfigBuilder evalDataset(EvalDatasets value) {
        evalDataset = Optional.of(value);
        return this;
    }

    /** Instead: the share of prompts held out of the dataset, in [0, 1). */
    public DataConfigBuilder evalFraction(double value) {
        evalFraction = value;
        return this;
    }

    /** Longest example in tokens; 0: the model's context. */
    public DataConfigBuilder maxLength(int value) {
        maxLength = value;
        return this;
    }

    /** What happens to longer ones. */
    public DataConfigBuilder truncationMode(TruncationMode value) {
        truncationMode = value;
        return this;
    }

    /** Whether the text of a special token in the data stays text. */
    public DataConfigBuilder splitSpecialTokens(boolean value) {
        splitSpecialTokens = value;
        return this;
    }

    /** Whether plain prompts go through the model's chat template. */
    public DataConfigBuilder applyChatTemplate(boolean value) {
        applyChatTemplate = Optional.of(value);
        return this;
    }

    /**
     * The config.
     *
     * @throws ConfigException naming the first key that is out of range
     */
    public DataConfig build() {
        return new DataConfig(
                dataset, evalDataset, evalFraction, maxLength, truncationMode, splitSpecialTokens, applyChatTemplate);
    }
}
