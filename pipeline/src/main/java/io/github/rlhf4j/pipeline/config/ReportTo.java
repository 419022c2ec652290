package io.github.rlhf4j.pipeline.config;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.ConfigKey;
import io.github.rlhf4j.core.stage.GivenKeys;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.tracking.TrackerFactory;
import io.github.rlhf4j.tracking.Trackers.Chosen;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads {@code report_to}: {@code none}, a tracker's name, a map from names to their keys, or a list of such. */
public final class ReportTo {
    private static final String KEY = "report_to";

    private final Map<String, TrackerFactory> factories;
    private final Problems problems;
    private final List<Chosen> chosen = new ArrayList<>();

    private ReportTo(Map<String, TrackerFactory> factories, Problems problems) {
        this.factories = factories;
        this.problems = problems;
    }

    /** The keys of a tracker, for the binder. */
    private record Keys(GivenKeys keys) {}

    /**
     * The trackers that a run wants, in the order in which it names them.
     *
     * @param factories by name
     * @param problems receives what is wrong
     */
    public static List<Chosen> read(RunFile run, Map<String, TrackerFactory> factories, Problems problems) {
        ReportTo reader = new ReportTo(factories, problems);
        @Nullable ConfigValue value = run.run().entries().get(KEY);
        if (value != null) {
            reader.add(value, KEY);
        }
        return List.copyOf(reader.chosen);
    }

    private void add(ConfigValue value, String path) {
        if (value instanceof ConfigValue.Items items) {
            items.items().forEach(item -> add(item, path));
        } else if (value instanceof ConfigValue.Entries entries) {
            entries.entries().forEach((name, keys) -> add(name, keys, path));
        } else if (value instanceof ConfigValue.Scalar scalar
                && !scalar.isNull()
                && !scalar.text().equals("none")) {
            add(scalar.text(), ConfigValue.Entries.empty(value.origin()), path);
        }
    }

    private void add(String name, ConfigValue keys, String path) {
        TrackerFactory factory = factories.get(name);
        if (factory == null) {
            List<String> known = new ArrayList<>(new TreeSet<>(factories.keySet()));
            known.add("none");
            problems.add(path + " must be one of " + String.join(", ", known) + ", but is " + name
                    + Suggestion.phrase(name, known) + ValueReader.where(keys));
            return;
        }
        if (chosen.stream().anyMatch(other -> other.name().equals(name))) {
            problems.add(path + " names " + name + " twice" + ValueReader.where(keys));
            return;
        }
        if (!(keys instanceof ConfigValue.Entries) && !ValueReader.isNull(keys)) {
            problems.add(path + "." + name + " must be a map of its keys, but is " + keys.toLine()
                    + ValueReader.where(keys));
            return;
        }
        ConfigValue.Entries given =
                keys instanceof ConfigValue.Entries entries ? entries : ConfigValue.Entries.empty(keys.origin());
        bind(factory, given, path + "." + name).ifPresent(bound -> chosen.add(new Chosen(name, factory, bound)));
    }

    private Optional<GivenKeys> bind(TrackerFactory factory, ConfigValue.Entries given, String path) {
        ModelNames models = text -> new ModelReference(text, Path.of(text));
        int before = problems.lines().size();
        for (ConfigKey<?> key : factory.keys()) {
            if (key.defaultValue().isEmpty() && !given.entries().containsKey(key.name())) {
                problems.add(path + "." + key.name() + " is missing" + ValueReader.where(given));
            }
        }
        Optional<GivenKeys> bound = new ConfigBinder(models, problems)
                .bind(Keys.class, factory.keys(), ConfigValue.Entries.empty(given.origin()), given, path)
                .map(Keys::keys);
        if (bound.isEmpty() || problems.lines().size() > before) {
            return Optional.empty();
        }
        try {
            factory.check(bound.get());
        } catch (ConfigException e) {
            problems.add(path + "." + e.getMessage() + ValueReader.where(given));
            return Optional.empty();
        }
        return bound;
    }
}
