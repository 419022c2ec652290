package io.github.rlhf4j.cli.inspect;

import io.github.rlhf4j.core.model.AttentionConfig;
import io.github.rlhf4j.core.model.FeedForwardConfig;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.model.Positions;
import java.util.Locale;

/** What a model is made of, and how many weights each part has. */
final class Architecture {
    private static final double DEFAULT_THETA = 10_000; // never seen: what is described names its own

    private final ModelSize size;
    private final ModelConfig config;

    Architecture(ModelSize size) {
        this.size = size;
        this.config = size.config();
    }

    void describe(Report report) {
        report.line(
                "architecture",
                config.family().modelType() + ", " + config.layers() + " layers, hidden " + config.hiddenSize() + ", "
                        + lower(config.norm().kind()) + " norms");
        report.line("attention", attention(config.attention()));
        report.line("feed-forward", feedForward(config.feedForward()));
        report.line("positions", positions());
        report.line("context", Report.count(config.maxPositions()) + " tokens");
        report.line(
                "vocabulary",
                Report.count(config.vocabSize()) + " rows, head "
                        + (config.tiedEmbeddings() ? "tied to the embedding" : "untied"));
        long active = size.activeParameters();
        report.line(
                "parameters",
                Report.count(size.parameters())
                        + (active == size.parameters() ? "" : ", " + Report.count(active) + " active per token"));
        size.parts().forEach((part, count) -> report.line("  " + lower(part), Report.count(count)));
    }

    private static String attention(AttentionConfig attention) {
        return attention.heads() + " heads of " + attention.headDim() + ", " + attention.keyValueHeads()
                + " key-value heads"
                + (attention.queryKeyValueBias() ? ", query-key-value biases" : "")
                + (attention.outputBias() ? ", output bias" : "")
                + (attention.headNorms() ? ", query and key norms" : "")
                + window(attention);
    }

    private static String window(AttentionConfig attention) {
        if (attention.slidingWindow() == 0) {
            return "";
        }
        return ", sliding window " + attention.slidingWindow()
                + (attention.slidingWindowFrom() > 0 ? " from layer " + attention.slidingWindowFrom() : "");
    }

    private static String feedForward(FeedForwardConfig feedForward) {
        return lower(feedForward.kind()) + ", intermediate " + feedForward.intermediateSize()
                + (feedForward.bias() ? ", biases" : "")
                + (feedForward.experts() == 0
                        ? ""
                        : ", " + feedForward.experts() + " experts, " + feedForward.copies() + " active per token");
    }

    /** Rotary ones with the keys that config.json has for them. */
    private String positions() {
        if (!(config.positions() instanceof Positions.Rotary)) {
            return "learned";
        }
        StringBuilder text = new StringBuilder("rotary");
        config.toHuggingFace()
                .ropeParameters(DEFAULT_THETA)
                .tree()
                .properties()
                .forEach(key -> text.append(", ")
                        .append(key.getKey())
                        .append(' ')
                        .append(key.getValue().asText()));
        return text.toString();
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
