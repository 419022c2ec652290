package io.github.rlhf4j.tinker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.server.Answer;
import java.util.List;
import java.util.stream.Collectors;

/** The models that the server was started with. */
final class BaseModels {
    private final List<BaseModel> models;

    BaseModels(List<BaseModel> models) {
        this.models = List.copyOf(models);
        for (BaseModel model : models) {
            if (model.transformer().adapter().isPresent()) {
                throw new UserError("--model " + model.folder() + " has an adapter: merge it first, with export");
            }
            if (models.stream()
                            .filter(other -> other.name().equals(model.name()))
                            .count()
                    > 1) {
                throw new UserError("two models are called \"" + model.name() + "\": say --model NAME=DIR");
            }
        }
    }

    /** @throws UserError where there is none of that name */
    BaseModel named(String name) {
        return models.stream()
                .filter(model -> model.isCalled(name))
                .findFirst()
                .orElseThrow(() -> new UserError("there is no model \"" + name + "\": this server has "
                        + models.stream().map(BaseModel::name).collect(Collectors.joining(", "))));
    }

    /** Answers {@code /get_server_capabilities}. */
    Answer capabilities() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ArrayNode list = json.putArray("supported_models");
        for (BaseModel model : models) {
            list.addObject()
                    .put("model_name", model.name())
                    .put("max_context_length", model.transformer().config().maxPositions())
                    .put("trainable", true)
                    .put("sampleable", true);
        }
        return Answer.json(json);
    }
}
