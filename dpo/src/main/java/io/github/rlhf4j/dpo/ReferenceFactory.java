package io.github.rlhf4j.dpo;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.SharedModel;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.CompanionModel;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageContext;
import io.github.rlhf4j.core.stage.StartingModel;
import io.github.rlhf4j.core.train.OptimizerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Makes the reference that a config asks for. */
final class ReferenceFactory {
    private static final String NAME = "reference"; // among the models that the cluster shares

    private ReferenceFactory() {}

    /**
     * Whether another reference reads the policy's tokens, as far as is known before a run.
     *
     * @param maxLength of a sequence; 0: the policy's context
     */
    static void check(ReferenceConfig config, ModelReference model, int maxLength) {
        config.refModel().ifPresent(reference -> companion(reference, model).check(maxLength));
    }

    private static CompanionModel companion(ModelReference reference, ModelReference model) {
        return new CompanionModel("ref_model", reference, model, true);
    }

    /**
     * The reference.
     *
     * @param policy the model that training starts from as it was loaded, not trained yet: it is its own reference where no other is named
     */
    static <T> Reference<T> of(
            PolicySettings stage,
            Transformer policy,
            ResponseLayout<T> layout,
            ResponseSums sums,
            StageContext context) {
        ReferenceConfig config = stage.reference();
        ModelReference model = stage.model();
        OptimizerSettings settings = stage.training().optimizer(0);
        Cluster cluster = context.cluster();
        if (!config.precomputeRefLogProbs()) {
            return inTheStep(stage, policy, layout, sums, context);
        }
        ReferenceCache cache = new ReferenceCache(
                context.cacheDirectory(), weightsDigest(config.or(model)) + kind(sums), context::note, context::warn);
        boolean isPolicy = config.isStart(model);
        SharedModel shared = cluster.share(NAME, isPolicy ? policy : load(config, model, policy, context));
        return new PrecomputedReference<>(
                layout,
                new SharedScorer(cluster, shared, settings.microBatchTokens(shared.model()), sums),
                () -> {
                    shared.close();
                    if (!isPolicy) {
                        shared.model().close();
                    }
                },
                cache,
                context);
    }

    /** The same of a config without precompute_ref_log_probs, which can be asked about anything at any time. */
    static <T> StepReference<T> inTheStep(
            PolicySettings stage,
            Transformer policy,
            ResponseLayout<T> layout,
            ResponseSums sums,
            StageContext context) {
        ReferenceConfig config = stage.reference();
        ModelReference model = stage.model();
        OptimizerSettings settings = stage.training().optimizer(0);
        Cluster cluster = context.cluster();
        if (config.isStart(model) && policy.adapter().isPresent()) {
            SharedModel shared = cluster.share(NAME, policy);
            return new BaseReference<>(
                    layout,
                    shared,
                    new StartingModel(policy, stage.tuning(), model),
                    new SharedScorer(cluster, shared, settings.microBatchTokens(policy), sums));
        }
        SharedModel shared = cluster.share(NAME, load(config, model, policy, context));
        ResponseLogProbs scorer = new SharedScorer(cluster, shared, settings.microBatchTokens(shared.model()), sums);
        return new SyncedReference<>(layout, shared, scorer, config.sync().follow(shared, policy, context));
    }

    private static Transformer load(
            ReferenceConfig config, ModelReference start, Transformer policy, StageContext context) {
        ModelReference given = config.or(start);
        if (!config.isStart(start)) {
            companion(given, start).checkFolders(1);
        }
        Transformer model = given.load(Set.of(Head.LANGUAGE), context.kernels());
        boolean sameShape = !config.sync().syncRefModel() || model.config().equals(policy.config());
        if (model.config().vocabSize() != policy.config().vocabSize() || !sameShape) {
            model.close();
            throw new UserError("ref_model " + given.given() + " and model " + start.given() + " differ in "
                    + (sameShape ? "vocabulary" : "shape, which sync_ref_model cannot mix")
                    + ": the reference must be of the policy's kind");
        }
        return model;
    }

    /** What of a key depends on how log-probs are summed. */
    private static String kind(ResponseSums sums) {
        return sums.equals(ResponseSums.WHOLE) ? "" : "ld_alpha " + sums.tailWeight();
    }

    /** Identifies the weights of a model. */
    private static String weightsDigest(ModelReference model) {
        return weightsDigest(model.directory())
                + model.adapter()
                        .map(adapter -> "adapter\n" + weightsDigest(adapter.directory()))
                        .orElse("");
    }

    private static String weightsDigest(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> weights = files.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.equals("config.json")
                                || name.equals("adapter_config.json")
                                || name.endsWith(".safetensors");
                    })
                    .sorted()
                    .toList();
            StringBuilder digest = new StringBuilder();
            for (Path file : weights) {
                digest.append(file.getFileName())
                        .append(' ')
                        .append(AtomicFiles.sha256(file))
                        .append('\n');
            }
            return digest.toString();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + directory, e);
        }
    }
}
