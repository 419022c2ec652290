package io.github.rlhf4j.sft;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.parallel.TravellingNextTokenLoss;
import io.github.rlhf4j.core.parallel.TravellingObjective;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.tokenizer.TokenBytes;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.core.train.NextTokenLoss;
import java.util.List;

/**
 * What fine-tuning minimises, with TRL's and transformers' names.
 *
 * @param lossType nll or dft
 * @param labelSmoothingFactor share of each target that is spread over the vocabulary, in [0, 1); with nll
 * @param neftuneNoiseAlpha of the noise on the embeddings while training; 0: none
 * @param dropout residual dropout, in [0, 1) (InstructGPT: 0.2)
 */
public record SftLossConfig(LossType lossType, double labelSmoothingFactor, double neftuneNoiseAlpha, double dropout)
        implements ConfigGroup {
    /** The negative log-likelihood alone. */
    public static final SftLossConfig DEFAULT = new SftLossConfig(LossType.NLL, 0, 0, 0);

    /** Of a target token. */
    public enum LossType {
        /** {@link NextTokenLoss}. */
        NLL,
        /** {@link DynamicFineTuningLoss}. */
        DFT
    }

    public SftLossConfig {
        checkConfig(
                labelSmoothingFactor >= 0 && labelSmoothingFactor < 1,
                "label_smoothing_factor",
                labelSmoothingFactor,
                "must be in [0, 1)");
        checkConfig(
                labelSmoothingFactor == 0 || lossType == LossType.NLL,
                "label_smoothing_factor",
                labelSmoothingFactor,
                "does nothing with loss_type: dft, so must be 0");
        checkConfig(
                neftuneNoiseAlpha >= 0 && Double.isFinite(neftuneNoiseAlpha),
                "neftune_noise_alpha",
                neftuneNoiseAlpha,
                "must be finite and > 0, or 0 for none");
        checkConfig(dropout >= 0 && dropout < 1, "dropout", dropout, "must be in [0, 1)");
    }

    /** The same with dropout. */
    public SftLossConfig withDropout(double rate) {
        return new SftLossConfig(lossType, labelSmoothingFactor, neftuneNoiseAlpha, rate);
    }

    /** @param tokenizer for the metrics: what ends a turn or a text, and the bytes of tokens */
    TravellingObjective<List<TokenSequence>> objective(Tokenizer tokenizer) {
        TokenBytes bytes = new TokenBytes(tokenizer);
        return lossType == LossType.DFT
                ? new TravellingDynamicLoss(bytes, tokenizer.stopIds())
                : new TravellingNextTokenLoss(labelSmoothingFactor, tokenizer.stopIds(), bytes);
    }
}
