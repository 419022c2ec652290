package io.github.rlhf4j.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.tensor.WeightType;
import java.util.Locale;
import java.util.Optional;

/** Memory to train and to serve. */
record MemoryPart(PlanSubject subject, PlanOptions options, long length) {
    void write(Page page) {
        ObjectNode json = page.object("memory");
        train(page, json.putObject("train"));
        here().ifPresent(here -> here(here, page, json.putObject("train_here")));
        serve(page, json.putObject("serve"));
    }

    private void train(Page page, ObjectNode json) {
        PlanOptions.Training training = options.training();
        TrainingMemory memory = memory();
        json.put("precision", name(training.precision()));
        json.put("optimizer_name", name(training.optimizer()));
        json.put("batch_size", options.workload().batchSize());
        json.put("length", length);
        json.put("trained_parameters", memory.trained());
        json.put("bytes_per_parameter", TrainingMemory.bytesOfParameter(training));
        json.put("weights", memory.weights());
        json.put("gradients", memory.gradients());
        json.put("optimizer", memory.optimizer());
        json.put("activations", memory.activations());
        json.put("logits", memory.logits());
        json.put("total", memory.total());
        page.line(
                "memory to train",
                "%s: weights %s, gradients %s, optimiser %s, activations %s, logits %s",
                Units.bytes(memory.total()),
                Units.bytes(memory.weights()),
                Units.bytes(memory.gradients()),
                Units.bytes(memory.optimizer()),
                Units.bytes(memory.activations()),
                Units.bytes(memory.logits()));
        page.line(
                "",
                "%s, %s, %d x %s tokens%s%s",
                name(training.precision()),
                name(training.optimizer()),
                options.workload().batchSize(),
                Units.exact(length),
                training.checkpointing() ? ", gradient checkpointing" : "",
                training.adapterRank().isPresent()
                        ? ", an adapter of r " + training.adapterRank().getAsLong() + " with "
                                + Units.exact(memory.trained()) + " weights"
                        : ", " + TrainingMemory.bytesOfParameter(training) + " bytes a parameter before activations");
    }

    TrainingMemory memory() {
        return TrainingMemory.of(
                subject.parameters(),
                subject.shape(),
                length,
                options.workload().batchSize(),
                options.training());
    }

    /** This program's own need; empty where it cannot train the model. */
    Optional<MemoryHere> here() {
        PlanOptions.Training training = options.training();
        WeightBits bits = training.baseWeights().orElse(WeightBits.FLOAT32);
        return subject.ours()
                .filter(config -> bits != WeightBits.INT4)
                .map(config -> MemoryHere.of(
                        config,
                        training.adapterRank().isPresent()
                                ? Optional.of(MemoryHere.adapter(
                                        (int) training.adapterRank().getAsLong()))
                                : Optional.empty(),
                        WeightType.valueOf(bits.name()),
                        training.checkpointing(),
                        options.workload().batchSize() * length,
                        (int) length,
                        0,
                        Runtime.getRuntime().availableProcessors()));
    }

    private void here(MemoryHere here, Page page, ObjectNode json) {
        json.put("program", here.program());
        json.put("weights", here.weights());
        json.put("trained", here.trained());
        json.put("replicas", here.replicas());
        json.put("activations", here.activations());
        json.put("total", here.total());
        page.line(
                "  by this program",
                "%s: the program %s, weights %s, gradients and moments %s, %sactivations of a micro-batch %s; float32",
                Units.bytes(here.total()),
                Units.bytes(here.program()),
                Units.bytes(here.weights()),
                Units.bytes(here.trained()),
                here.replicas() == 0 ? "" : "replicas " + Units.bytes(here.replicas()) + ", ",
                Units.bytes(here.activations()));
    }

    private void serve(Page page, ObjectNode json) {
        long batch = options.workload().batchSize();
        json.put("length", length);
        json.put("batch_size", batch);
        ObjectNode weights = json.putObject("weights");
        long cache = subject.shape()
                .map(shape -> WeightBits.BFLOAT16.bytes(shape.cached(length)))
                .orElse(0L);
        StringBuilder text = new StringBuilder();
        for (WeightBits bits : WeightBits.values()) {
            long bytes = bits.bytes(subject.parameters().total());
            weights.put(name(bits), bytes);
            text.append(text.isEmpty() ? "" : ", ")
                    .append(name(bits))
                    .append(' ')
                    .append(Units.bytes(bytes));
        }
        page.line("memory to serve", "weights: " + text);
        subject.shape().ifPresent(shape -> {
            json.put("kv_bytes_per_token", WeightBits.BFLOAT16.bytes(shape.cachedOfToken()));
            json.put("kv_cache", batch * cache);
            page.line(
                    "",
                    "keys and values in bfloat16: %s a token, %s for %d x %s tokens",
                    Units.bytes(WeightBits.BFLOAT16.bytes(shape.cachedOfToken())),
                    Units.bytes((double) batch * cache),
                    batch,
                    Units.exact(length));
        });
        ObjectNode total = json.putObject("total");
        for (WeightBits bits : WeightBits.values()) {
            total.put(name(bits), bits.bytes(subject.parameters().total()) + batch * cache);
        }
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
