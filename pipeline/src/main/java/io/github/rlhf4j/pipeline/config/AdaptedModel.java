package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ModelReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A model as a map: {@code {base: DIR|stage, adapter: DIR|stage}}.
 *
 * @param base what the adapter is put on
 * @param adapter it
 */
public record AdaptedModel(ConfigValue.Scalar base, ConfigValue.Scalar adapter) {
    private static final String BASE = "base";
    private static final String ADAPTER = "adapter";
    private static final List<String> KEYS = List.of(BASE, ADAPTER);

    /** The map as one; empty where it is none, which {@link #read} says. */
    public static Optional<AdaptedModel> of(ConfigValue.Entries map) {
        return map.entries().keySet().equals(Set.copyOf(KEYS))
                        && map.entries().get(BASE) instanceof ConfigValue.Scalar base
                        && map.entries().get(ADAPTER) instanceof ConfigValue.Scalar adapter
                        && !base.isNull()
                        && !adapter.isNull()
                ? Optional.of(new AdaptedModel(base, adapter))
                : Optional.empty();
    }

    /**
     * The model that a map means.
     *
     * @param path its key, for messages
     * @throws UserError naming what is wrong
     */
    static ModelReference read(ConfigValue.Entries map, ModelNames names, String path) {
        map.entries().forEach((key, value) -> {
            if (!KEYS.contains(key)) {
                throw new UserError(path + "." + key + " is not a known key" + Suggestion.phrase(key, KEYS)
                        + ValueReader.where(value));
            }
        });
        AdaptedModel model = of(map).orElseThrow(() -> missing(map, path));
        ModelReference base = ValueReader.meaning(
                model.base(), path + "." + BASE, () -> names.model(model.base().text()));
        return base.with(ValueReader.meaning(
                model.adapter(),
                path + "." + ADAPTER,
                () -> names.adapter(model.adapter().text(), base)));
    }

    private static UserError missing(ConfigValue.Entries map, String path) {
        Map<String, ConfigValue> given = map.entries();
        for (String key : KEYS) {
            if (!given.containsKey(key)) {
                return new UserError(path + "." + key
                        + " is missing; a model is a folder, a stage's name, or {base: .., adapter: ..} of two such"
                        + ValueReader.where(map));
            }
        }
        String key = given.get(BASE) instanceof ConfigValue.Scalar base && !base.isNull() ? ADAPTER : BASE;
        ConfigValue value = given.get(key);
        return new UserError(path + "." + key + " must be a folder or a stage's name, but is "
                + (value == null ? "" : value.toLine()) + ValueReader.where(map));
    }
}
