package io.github.rlhf4j.rollout;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code json_schema}: 1 where the response is JSON that a {@link JsonSchema} describes; else 0. */
final class JsonSchemaReward implements RewardFunction {
    static final ConfigKey<String> SCHEMA =
            ConfigKey.text("schema", "true").meaning("the schema as JSON (draft 2020-12); by default any JSON will do");
    static final ConfigKey<String> SCHEMA_PATH =
            ConfigKey.text("schema_path", "").meaning("a file that has the schema");

    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final JsonSchema schema;

    JsonSchemaReward() {
        this(new JsonSchema(BooleanNode.TRUE));
    }

    private JsonSchemaReward(JsonSchema schema) {
        this.schema = schema;
    }

    @Override
    public List<ConfigKey<?>> keys() {
        return List.of(SCHEMA, SCHEMA_PATH);
    }

    @Override
    public RewardFunction with(GivenKeys given) {
        String path = given.get(SCHEMA_PATH);
        checkConfig(
                path.isEmpty() || !given.names().contains(SCHEMA.name()),
                SCHEMA_PATH.name(),
                path,
                "must be left out with schema");
        if (path.isEmpty()) {
            return new JsonSchemaReward(schema(SCHEMA.name(), given.get(SCHEMA), given.get(SCHEMA)));
        }
        try {
            return new JsonSchemaReward(schema(SCHEMA_PATH.name(), path, Files.readString(Path.of(path))));
        } catch (IOException e) {
            checkConfig(false, SCHEMA_PATH.name(), path, "must be a file that can be read (" + e + ")");
            throw new IllegalStateException(e);
        }
    }

    private static JsonSchema schema(String key, String shown, String json) {
        try {
            return new JsonSchema(MAPPER.readTree(json));
        } catch (JsonProcessingException e) {
            checkConfig(false, key, shown, "must be JSON (" + e.getOriginalMessage() + ")");
            throw new IllegalStateException(e);
        } catch (IllegalArgumentException e) {
            checkConfig(false, key, shown, "must be a JSON schema (" + e.getMessage() + ")");
            throw e;
        }
    }

    @Override
    public double[] score(List<Answer> answers) {
        return answers.stream()
                .mapToDouble(answer -> isValid(answer.response()) ? 1 : 0)
                .toArray();
    }

    private boolean isValid(String response) {
        try {
            JsonNode value = MAPPER.readTree(response);
            return !value.isMissingNode() && schema.isValid(value);
        } catch (JsonProcessingException e) {
            return false;
        }
    }
}
