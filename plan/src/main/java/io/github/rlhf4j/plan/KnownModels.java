package io.github.rlhf4j.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** models.json: models whose sizes are published. */
final class KnownModels {
    private static final List<KnownModel> ALL = read();

    private KnownModels() {}

    private static List<KnownModel> read() {
        List<KnownModel> all = new ArrayList<>();
        Data.read("models.json").path("models").forEach(entry -> all.add(KnownModel.of(entry)));
        return List.copyOf(all);
    }

    static List<KnownModel> all() {
        return ALL;
    }

    /** All names and aliases. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        ALL.forEach(model -> {
            names.add(model.name());
            names.addAll(model.aliases());
        });
        return names;
    }

    /** The model of a name, also as the Hub writes it: {@code meta-llama/Llama-2-7b-hf}. */
    static Optional<KnownModel> find(String given) {
        String lower = withoutOwner(given);
        return ALL.stream()
                .filter(model -> model.isCalled(lower))
                .findFirst()
                .or(() -> ALL.stream()
                        .filter(model -> model.isCalled(plain(given)))
                        .findFirst());
    }

    /** Without the owner, and without what says how it was trained further. */
    static String plain(String given) {
        return withoutOwner(given).replaceFirst("(-v[0-9.]+)?(-(hf|instruct|chat|it|base|pt))*(-v[0-9.]+)?$", "");
    }

    private static String withoutOwner(String given) {
        String name = given.toLowerCase(Locale.ROOT).replace('_', '-');
        return name.substring(name.lastIndexOf('/') + 1);
    }
}
