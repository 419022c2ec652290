package io.github.rlhf4j.cli.verify;

import io.github.rlhf4j.cli.verify.Verification.Outcome;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.TensorReader;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.KernelsFactory;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.model.WeightCheck;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.core.tokenizer.StreamingDecoder;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.chat.ChatTemplate;
import io.github.rlhf4j.pipeline.model.GivenModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A model's folder, perhaps with an adapter: its files, and whether this program computes the same of it in every way. */
public final class FolderChecks {
    private static final double ALONE_OR_TOGETHER = 1e-3;
    private static final List<String> TEXTS = List.of(
            "The quick brown fox jumps over the lazy dog.",
            "Numbers: 3.14159, 1,000 and -7; a tab\tand a line\nfeed.",
            "Grüße, 你好, здравствуй, \uD83D\uDE42!",
            "def f(x):\n    return x ** 2  # two spaces");

    private final GivenModel given;
    private final Path directory;
    private final Kernels kernels;
    private final KernelsFactory factory;
    private final Path temporary;

    /** @param temporary an empty folder */
    public FolderChecks(GivenModel given, Kernels kernels, KernelsFactory factory, Path temporary) {
        this.given = given;
        this.directory = given.directory();
        this.kernels = kernels;
        this.factory = factory;
        this.temporary = temporary;
    }

    /** All of them. */
    public void run(Verification verification) {
        ModelDirectory files = ModelDirectory.open(directory);
        Head head = given.head();
        ModelConfig config = ModelConfig.from(files.config());
        verification.check("model: weights fit config.json", () -> weights(files, config, Head.of(files.config())));
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(directory);
                Transformer model = given.load(kernels)) {
            List<int[]> ids = ids(tokenizer, config);
            verification.check("model: ids, text and ids again", () -> roundTrip(tokenizer));
            if (tokenizer.chatTemplate().isPresent()) {
                verification.check("model: chat template", () -> template(tokenizer));
            }
            double[] once = results(model, ids, head);
            verification.check("model: all results are finite", () -> finite(once));
            verification.check("model: the same bits twice", () -> same(once, results(model, ids, head)));
            verification.check("model: the same bits with 1 thread", () -> same(once, withThreads(1, ids, head)));
            verification.check("model: alone and together", () -> together(model, ids, head, once));
            verification.check("model: the same bits saved and loaded", () -> saved(model, ids, head, once));
            if (given.adapter().isPresent()) {
                adapter(verification, given.adapter().get(), ids, head, once);
            }
            if (head == Head.LANGUAGE) {
                verification.check("model: sampler against trainer", () -> sampler(model, ids));
            }
        } catch (UserError e) {
            verification.check("model: it can be loaded", () -> new Outcome(false, String.valueOf(e.getMessage())));
        }
    }

    /** Beside the base, and in its weights, as the other checks have it. */
    private void adapter(Verification verification, Path folder, List<int[]> ids, Head head, double[] merged) {
        try (Transformer model = Transformer.load(directory, Set.of(head), kernels, CounterRandom.of(0))) {
            double[] base = results(model, ids, head);
            model.loadAdapter(folder);
            verification.check(
                    "adapter: beside the weights and in them",
                    () -> Outcome.atMost(
                            ALONE_OR_TOGETHER, largest(results(model, ids, head), merged), "largest difference"));
            verification.check(
                    "adapter: switched off, it leaves the base",
                    () -> same(base, model.withoutAdapter(() -> results(model, ids, head))));
            verification.check(
                    "adapter: what it changes",
                    () -> new Outcome(true, String.format(Locale.ROOT, "up to %.4f", largest(base, merged))));
        }
    }

    private static double largest(double[] one, double[] other) {
        double largest = 0;
        for (int i = 0; i < one.length; i++) {
            largest = ArithmeticChecks.larger(largest, Math.abs(one[i] - other[i]));
        }
        return largest;
    }

    private static Outcome weights(ModelDirectory files, ModelConfig config, Head head) {
        try (TensorReader reader = files.openWeights()) {
            WeightCheck.check(reader, files.path(), config, Set.of(head));
            return new Outcome(true, reader.names().size() + " tensors");
        }
    }

    /** The texts' tokens, as much as the context holds. */
    private static List<int[]> ids(Tokenizer tokenizer, ModelConfig config) {
        List<int[]> all = new ArrayList<>();
        for (String text : TEXTS) {
            int[] ids = tokenizer.encode(text, true);
            int most = Math.min(ids.length, Math.max(1, config.maxPositions() / 2));
            if (most > 0) {
                all.add(Arrays.copyOf(ids, most));
            }
        }
        return all;
    }

    private static Outcome roundTrip(Tokenizer tokenizer) {
        for (String text : TEXTS) {
            int[] ids = tokenizer.encode(text, false);
            StreamingDecoder decoder = tokenizer.streamingDecoder();
            StringBuilder streamed = new StringBuilder();
            for (int id : ids) {
                streamed.append(decoder.push(id));
            }
            streamed.append(decoder.finish());
            String decoded = tokenizer.decode(ids, true);
            if (!decoded.contentEquals(streamed)) {
                return new Outcome(false, "\"" + decoded + "\" is \"" + streamed + "\" as it is written");
            }
            String again = tokenizer.decode(tokenizer.encode(decoded, false), true);
            if (!again.equals(decoded)) {
                return new Outcome(false, "\"" + decoded + "\" becomes \"" + again + "\"");
            }
        }
        return new Outcome(true, TEXTS.size() + " texts");
    }

    private static Outcome template(Tokenizer tokenizer) {
        String text = ChatTemplate.of(tokenizer).render(List.of(new ChatMessage("user", "How are you?")), true);
        return new Outcome(text.contains("How are you?"), text.length() + " characters for one message");
    }

    private static double[] results(Transformer model, List<int[]> ids, Head head) {
        boolean scalar = head != Head.LANGUAGE;
        PackedBatch batch = PackedBatch.ofSingles(ids.stream()
                .map(each -> scalar ? TokenSequence.scoredAtEnd(each) : TokenSequence.all(each))
                .toList());
        Outputs outputs = new Outputs();
        model.forward(batch, scalar ? ForwardRequest.scores() : ForwardRequest.logProbs(), outputs);
        return scalar
                ? Arrays.copyOf(outputs.scalars(), batch.scalars())
                : Arrays.copyOf(outputs.logProbs(), batch.targets());
    }

    private static Outcome finite(double[] results) {
        return new Outcome(
                Arrays.stream(results).allMatch(Double::isFinite),
                String.format(
                        Locale.ROOT,
                        "%d numbers, mean %.4f",
                        results.length,
                        Arrays.stream(results).average().orElse(Double.NaN)));
    }

    private static Outcome same(double[] one, double[] other) {
        return new Outcome(Arrays.equals(one, other), one.length + " numbers");
    }

    private double[] withThreads(int threads, List<int[]> ids, Head head) {
        try (Transformer model = given.load(factory.create(threads))) {
            return results(model, ids, head);
        }
    }

    private static Outcome together(Transformer model, List<int[]> ids, Head head, double[] together) {
        double largest = 0;
        int at = 0;
        for (int[] each : ids) {
            for (double alone : results(model, List.of(each), head)) {
                largest = ArithmeticChecks.larger(largest, Math.abs(alone - together[at++]));
            }
        }
        return Outcome.atMost(ALONE_OR_TOGETHER, largest, "largest difference");
    }

    private Outcome saved(Transformer model, List<int[]> ids, Head head, double[] before) {
        Path copy = temporary.resolve("saved");
        model.save(copy, Optional.of(directory), WeightFormat.DEFAULT);
        try (Transformer again = Transformer.load(copy, Set.of(head), kernels, CounterRandom.of(0))) {
            return same(before, results(again, ids, head));
        }
    }

    private static Outcome sampler(Transformer model, List<int[]> ids) {
        int tokens = Math.min(16, model.config().maxPositions() - ids.get(0).length);
        try (SamplerCheck sampler = new SamplerCheck(model)) {
            return Outcome.atMost(
                    ALONE_OR_TOGETHER, sampler.largestDifference(ids.get(0), tokens), "largest difference, nats:");
        }
    }
}
