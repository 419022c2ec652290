package io.github.rlhf4j.lab.pages;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.StageResult;
import io.github.rlhf4j.core.kernels.Compute;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelSize;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.RouterStatistics;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.lab.Measure;
import io.github.rlhf4j.lab.Subject;
import io.github.rlhf4j.world.InventedLanguage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The page moe: what experts cost and gain, how evenly they are used, and whether they are of one language each. */
public final class Moe implements Measure {
    private static final int NUMBERS_OF_A_WEIGHT = 4; // itself, its gradient and two moments

    @Override
    public void measure(Subject subject) {
        StageResult stage = subject.run().stage("model");
        try (LanguageModel model = subject.model("model")) {
            Transformer transformer = model.transformer();
            subject.add(Map.of(), cost(transformer, stage));
            if (transformer.config().feedForward().experts() > 0) {
                experts(subject, model);
            }
        }
    }

    /** Parameters, memory of training, and tokens a second, which another run on the same machine would change. */
    private static Map<String, Double> cost(Transformer transformer, StageResult stage) {
        ModelSize size = new ModelSize(transformer.config(), Set.of(Head.LANGUAGE), DataType.FLOAT);
        int rows = OptimizerSettings.defaultMicroBatchTokens(size, Compute.FLOAT32);
        Map<String, Double> cost = new LinkedHashMap<>();
        cost.put("parameters", (double) size.parameters());
        cost.put("active_parameters", (double) size.activeParameters());
        cost.put("weights_mb", NUMBERS_OF_A_WEIGHT * size.weightBytes() / 1e6);
        cost.put("activations_kb_a_token", size.activationBytes(rows, true, false) / 1e3 / rows);
        cost.put("tokens_per_second", speed(stage.folder().resolve("timing.jsonl")));
        return cost;
    }

    private static double speed(Path timing) {
        try {
            List<String> lines = Files.readAllLines(timing);
            return new ObjectMapper()
                    .readTree(lines.get(lines.size() - 1))
                    .path("tokens_per_second")
                    .asDouble();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + timing, e);
        }
    }

    private static void experts(Subject subject, LanguageModel model) {
        Map<InventedLanguage, RouterStatistics> all = new LinkedHashMap<>();
        for (InventedLanguage language : InventedLanguage.values()) {
            all.put(language, routes(subject, model, language));
        }
        RouterStatistics first = all.values().iterator().next();
        for (int layer = 0; layer < first.layers(); layer++) {
            double[][] shares = new double[all.size()][first.experts()]; // by language
            for (Map.Entry<InventedLanguage, RouterStatistics> entry : all.entrySet()) {
                for (int expert = 0; expert < first.experts(); expert++) {
                    shares[entry.getKey().ordinal()][expert] = entry.getValue().share(layer, expert);
                }
            }
            layer(subject, layer, shares);
        }
    }

    /** Of all languages alike: how unevenly experts are used, and what the expert tells of the language. */
    private static void layer(Subject subject, int layer, double[][] shares) {
        double[] mean = new double[shares[0].length];
        for (double[] ofLanguage : shares) {
            for (int expert = 0; expert < mean.length; expert++) {
                mean[expert] += ofLanguage[expert] / shares.length;
            }
        }
        double largest = 0;
        double smallest = 1;
        double used = 0; // entropy of the mean, nats
        for (double share : mean) {
            largest = Math.max(largest, share);
            smallest = Math.min(smallest, share);
            used += share > 0 ? -share * Math.log(share) : 0;
        }
        double ofOne = 0; // mean entropy of a language's shares
        for (double[] ofLanguage : shares) {
            for (double share : ofLanguage) {
                ofOne += share > 0 ? -share * Math.log(share) / shares.length : 0;
            }
        }
        subject.add(
                Map.of("layer", layer),
                Map.of(
                        "largest_share",
                        largest,
                        "smallest_share",
                        smallest,
                        "experts_used",
                        Math.exp(used),
                        "experts_of_a_language",
                        Math.exp(ofOne),
                        "language_bits",
                        (used - ofOne) / Math.log(2)));
        for (InventedLanguage one : InventedLanguage.values()) {
            for (InventedLanguage other : InventedLanguage.values()) {
                double common = 0;
                for (int expert = 0; expert < mean.length; expert++) {
                    common += Math.min(shares[one.ordinal()][expert], shares[other.ordinal()][expert]);
                }
                subject.add(
                        Map.of("layer", layer, "language", one.code(), "other", other.code()),
                        Map.of("common_experts", common));
            }
        }
    }

    /** What the routers do with held-out texts of a language. */
    private static RouterStatistics routes(Subject subject, LanguageModel model, InventedLanguage language) {
        subject.checkStop();
        List<TokenSequence> texts =
                subject.rows("synthetic:languages_eval/" + language.code(), TextRecord.class).stream()
                        .limit(subject.settings().count("texts"))
                        .map(row -> model.tokenizer().encode(row.text(), true, false))
                        .filter(ids ->
                                ids.length <= model.transformer().config().maxPositions())
                        .map(TokenSequence::all)
                        .toList();
        Outputs outputs = new Outputs();
        RouterStatistics sum = null;
        for (TokenSequence text : texts) {
            model.transformer()
                    .forward(
                            PackedBatch.ofSingles(List.of(text)),
                            ForwardRequest.logProbs().forTraining(),
                            outputs);
            RouterStatistics one = outputs.routers().orElseThrow();
            sum = sum == null ? one : sum.plus(one);
        }
        if (sum == null) {
            throw new IllegalStateException("no text of " + language.code() + " fits the model");
        }
        return sum;
    }
}
