package io.github.rlhf4j.pipeline.model;

import io.github.rlhf4j.core.files.ModelDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * What is known of a card's metadata and not the model's own: licence, language and base from the card of the model it
 * was trained from, datasets from the run. What is not known is left out.
 *
 * @param keys of the card
 * @param baseShown what it was trained from, for people
 */
record CardMetadata(Map<String, Object> keys, Optional<String> baseShown) {
    private static final List<String> INHERITED = List.of("license", "license_name", "license_link", "language");
    /** As the Hub names models and datasets. */
    private static final Pattern HUB_NAME = Pattern.compile("[A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*");

    CardMetadata {
        keys = new LinkedHashMap<>(keys);
    }

    static CardMetadata of(GivenModel model, StageHistory history) {
        Path base = history.base().map(CardMetadata::path).orElse(model.directory());
        Map<String, Object> card = frontMatter(base.resolve("README.md"));
        Map<String, Object> keys = new LinkedHashMap<>();
        INHERITED.stream().filter(card::containsKey).forEach(key -> keys.put(key, card.get(key)));
        Optional<String> name = hubName(base).or(() -> inherited(card, "base_model"));
        name.ifPresent(given -> keys.put("base_model", given));
        List<String> datasets = datasets(history);
        if (!datasets.isEmpty()) {
            keys.put("datasets", datasets);
        }
        return new CardMetadata(keys, name.or(history::base).map(given -> "`" + given.replace("`", "'") + "`"));
    }

    private static Path path(String given) {
        try {
            return Path.of(given);
        } catch (InvalidPathException e) {
            return Path.of("");
        }
    }

    /** config.json keeps the name that a model was fetched under. */
    private static Optional<String> hubName(Path folder) {
        if (!Files.isRegularFile(folder.resolve("config.json"))) {
            return Optional.empty();
        }
        String name = ModelDirectory.open(folder)
                .config()
                .tree()
                .path("_name_or_path")
                .asText("");
        return Optional.of(name).filter(given -> HUB_NAME.matcher(given).matches() && !Files.exists(Path.of(given)));
    }

    private static Optional<String> inherited(Map<String, Object> card, String key) {
        return card.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    private static List<String> datasets(StageHistory history) {
        List<String> names = new ArrayList<>();
        for (StageHistory.Made stage : history.stages()) {
            String name = stage.provenance().path("dataset").path("path").asText("");
            if (HUB_NAME.matcher(name).matches() && !Files.exists(Path.of(name)) && !names.contains(name)) {
                names.add(name);
            }
        }
        return names;
    }

    /** The YAML between the first two lines of dashes; empty where there is none. */
    private static Map<String, Object> frontMatter(Path file) {
        Map<String, Object> keys = new LinkedHashMap<>();
        try {
            String text = Files.isRegularFile(file) && Files.size(file) < 1 << 20 ? Files.readString(file) : "";
            int end = text.indexOf("\n---", 3);
            if (text.startsWith("---\n")
                    && end > 0
                    && new Yaml(new SafeConstructor(new LoaderOptions())).load(text.substring(4, end))
                            instanceof Map<?, ?> map) {
                map.forEach((key, value) -> keys.put(String.valueOf(key), value));
            }
        } catch (IOException | YAMLException e) {
            return Map.of(); // another's card, which may be anything
        }
        return keys;
    }
}
