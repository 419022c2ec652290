package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.FloatType;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.files.SafetensorsWriter;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.optim.AdamWSettings;
import io.github.rlhf4j.core.optim.LearningRateSchedule;
import io.github.rlhf4j.core.tensor.Tensor;
import io.github.rlhf4j.core.train.BatchScorer;
import io.github.rlhf4j.core.train.ModelTrainer;
import io.github.rlhf4j.core.train.OptimizerSettings;
import io.github.rlhf4j.core.train.WeightedObjective;
import io.github.rlhf4j.server.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A model with an adapter that a client trains. Used by the thread that computes alone. */
final class TrainedModel implements AutoCloseable {
    private static final String PROTOBUF = "application/x-protobuf";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String MODEL = "model.";

    private final BaseModel base;
    private final AdapterShape shape;
    private final Transformer model;
    private final ModelTrainer trainer;
    private final BatchScorer scorer;

    /** With a fresh adapter. To be closed before the base. */
    TrainedModel(BaseModel base, AdapterShape shape) {
        this.base = base;
        this.shape = shape;
        model = base.transformer().sharing(base.folder(), EnumSet.of(Head.LANGUAGE), Optional.empty());
        try {
            model.addAdapter(
                    shape.lora(model.config()), CounterRandom.of(shape.seed()).derive("adapter"));
            trainer = new ModelTrainer(
                    model,
                    1,
                    new LearningRateSchedule.Constant(),
                    new OptimizerSettings(0.9, 0.95, 1e-12, 0, 0, 0, false, 0), // each update says its own
                    CounterRandom.of(shape.seed()).derive("dropout"));
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
        scorer = new BatchScorer(model, trainer.microBatchTokens());
    }

    /** Forward, and backward where that is asked for: gradients are added to those since the last update. */
    Answer compute(LossRequest request) {
        TokenLoss loss = TokenLoss.named(request.loss());
        SummedLoss objective = new SummedLoss(loss, loss.config(request.config()));
        List<List<Part>> byDatum = new ArrayList<>();
        for (int i = 0; i < request.data().size(); i++) {
            byDatum.add(parts(request.data().get(i), loss, "datum " + i));
        }
        List<Part> parts = byDatum.stream().flatMap(List::stream).toList();
        double sum = request.forwardOnly()
                ? scorer.evaluate(parts, objective).loss()
                : trainer.accumulate(List.of(WeightedObjective.of(parts, objective)));
        if (!Double.isFinite(sum)) {
            trainer.dropGradients();
            throw new UserError(
                    "the loss is " + sum
                            + ", but must be finite: look at the data, or use a smaller learning rate; the gradients since the last optim_step are gone");
        }
        return Answer.bytes(200, PROTOBUF, LossOutput.bytes(byDatum, Map.of("loss:sum", sum)));
    }

    private List<Part> parts(Datum datum, TokenLoss loss, String where) {
        loss.check(datum, where);
        int columns = datum.targets().columns();
        if (columns < 1) {
            throw new UserError(where + ": target_tokens has no columns");
        }
        List<Part> parts = new ArrayList<>();
        for (int column = 0; column < columns; column++) {
            parts.add(Part.of(datum, column, model.config(), where));
        }
        return parts;
    }

    /** One step of AdamW. */
    Answer update(JsonNode adam) {
        double rate = number(adam, "learning_rate", 1e-4);
        double clip = number(adam, "grad_clip_norm", 0);
        if (!trainer.hasGradients()) {
            throw new UserError("there are no gradients: call forward_backward before optim_step");
        }
        AdamWSettings settings;
        try {
            settings = new AdamWSettings(
                    number(adam, "beta1", 0.9),
                    number(adam, "beta2", 0.95),
                    number(adam, "eps", 1e-12),
                    number(adam, "weight_decay", 0));
        } catch (IllegalArgumentException e) {
            throw new UserError("adam_params: " + e.getMessage(), e);
        }
        double norm = trainer.update(rate, settings, clip);
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("type", "optim_step");
        json.putObject("metrics").put("unclipped_grad_l2:mean", norm);
        return Answer.json(json);
    }

    private static double number(JsonNode adam, String name, double missing) {
        JsonNode value = adam.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return missing;
        }
        if (!value.isNumber() || !Double.isFinite(value.asDouble()) || value.asDouble() < 0) {
            throw new UserError("adam_params." + name + " must be finite and >= 0, but is " + value);
        }
        return value.asDouble();
    }

    /** What is said of it where it is saved. */
    ObjectNode description(JsonNode userMetadata) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("base_model", base.name());
        shape.writeTo(json);
        trainer.save(json.putObject("trainer"));
        if (userMetadata.isObject()) {
            json.set("user_metadata", userMetadata);
        }
        return json;
    }

    /**
     * Writes the adapter.
     *
     * @param expires when it goes by itself
     */
    void save(Store store, Place place, boolean overwrites, JsonNode userMetadata, Optional<Instant> expires) {
        store.write(place, overwrites, description(userMetadata), expires, folder -> {
            Path adapter = folder.resolve("adapter");
            model.saveAdapter(adapter, base.folder().toString());
            for (String file : List.of("adapter_config.json", "adapter_model.safetensors")) {
                Files.move(adapter.resolve(file), folder.resolve(file));
            }
            Files.delete(adapter);
            if (place.kind().equals(Place.TRAINING)) {
                List<TensorEntry> moments = new ArrayList<>();
                trainer.tensors().forEach((name, tensor) -> {
                    if (!name.startsWith(MODEL)) {
                        moments.add(TensorEntry.of(name, tensor));
                    }
                });
                new SafetensorsWriter(FloatType.F32).writeFile(folder.resolve(OPTIMIZER), moments);
            }
        });
    }

    /**
     * Becomes what was saved; gradients since the last update are gone.
     *
     * @param withOptimizer whether its moments come too; they are zero otherwise
     */
    void load(Store store, Place place, boolean withOptimizer) {
        Path folder = store.existing(place);
        JsonNode description = store.description(place);
        AdapterShape saved = AdapterShape.read(description);
        if (!place.kind().equals(Place.TRAINING)) {
            throw new UserError(place.path() + " is there to sample from: load what save_state has saved");
        }
        if (!saved.fits(shape) || !description.path("base_model").asText().equals(base.name())) {
            throw new UserError(place.path() + " is an adapter of rank " + saved.rank() + " on "
                    + description.path("base_model").asText() + ", which does not fit this model");
        }
        try (SafetensorsReader weights = AdapterDirectory.open(folder).openWeights();
                SafetensorsReader moments = SafetensorsReader.open(folder.resolve(OPTIMIZER))) {
            Map<String, Tensor> tensors = trainer.tensors();
            tensors.forEach((name, tensor) -> { // before anything changes
                boolean isModels = name.startsWith(MODEL);
                String stored = isModels ? name.substring(MODEL.length()) : name;
                SafetensorsReader from = isModels ? weights : moments;
                if (!from.contains(stored) || from.elements(stored) != tensor.size()) {
                    throw new UserError(place.path() + " is damaged: it has no fitting " + stored);
                }
            });
            trainer.dropGradients();
            tensors.forEach((name, tensor) -> {
                if (name.startsWith(MODEL)) {
                    weights.read(name.substring(MODEL.length()), tensor);
                } else if (withOptimizer) {
                    moments.read(name, tensor);
                } else {
                    tensor.zero();
                }
            });
        }
        ObjectNode state = JsonNodeFactory.instance.objectNode().put("steps", 0).put("optimizer_steps", 0);
        trainer.restore(withOptimizer && description.get("trainer") instanceof ObjectNode own ? own : state);
    }

    @Override
    public void close() {
        trainer.close();
        model.close();
    }
}
