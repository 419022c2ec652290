package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which linear layers get an adapter, as peft's {@code target_modules} says.
 *
 * @param names ends of modules' names, such as {@code q_proj} or {@code layers.0.self_attn.q_proj}
 * @param expression instead of names: {@code all-linear}, or a regular expression that a module's whole name matches
 */
public record TargetModules(List<String> names, Optional<String> expression) {
    /** The language head. */
    static final String HEAD = "lm_head";

    private static final String ALL = "all-linear";
    private static final Pattern LAYER = Pattern.compile("^.*?[.][0-9]+[.]");

    public TargetModules {
        names = List.copyOf(names);
        if (names.isEmpty() == expression.isEmpty()) {
            throw new IllegalArgumentException("either names or an expression");
        }
    }

    /** Modules whose names are these, or end with a dot and one of these. */
    public static TargetModules named(List<String> names) {
        return new TargetModules(names, Optional.empty());
    }

    /**
     * {@code all-linear}: every linear layer but the heads. Anything else is a regular expression.
     *
     * @throws java.util.regex.PatternSyntaxException where it is none
     */
    public static TargetModules matching(String expression) {
        Pattern.compile(isAll(expression) ? "" : expression);
        return new TargetModules(List.of(), Optional.of(expression));
    }

    /** Every linear layer but the heads. */
    public static TargetModules all() {
        return matching(ALL);
    }

    /**
     * The modules of a model that {@code chosen} accepts by their whole names, named as shortly as can be.
     *
     * @throws IllegalArgumentException where it accepts none
     */
    public static TargetModules of(ModelConfig model, Set<Head> heads, Predicate<String> chosen) {
        Set<String> others = new LinkedHashSet<>();
        Set<String> names = new LinkedHashSet<>();
        Set<String> all = AdapterLayout.moduleNames(model, heads);
        all.stream().filter(chosen.negate()).map(AdapterLayout::shortName).forEach(others::add);
        for (String module : all) {
            if (chosen.test(module)) {
                String name = AdapterLayout.shortName(module);
                names.add(others.contains(name) ? LAYER.matcher(module).replaceFirst("") : name);
            }
        }
        return named(List.copyOf(names));
    }

    /** What peft targets in a family where nothing is said: queries and values, which GPT-2 has in one matrix with the keys. */
    public static TargetModules defaults(Family family) {
        return named(family.names().queryKeyValue().size() == 1 ? List.of("c_attn") : List.of("q_proj", "v_proj"));
    }

    private static boolean isAll(String expression) {
        return expression.toLowerCase(Locale.ROOT).equals(ALL);
    }

    /** The others. */
    TargetModules withoutHead() {
        if (!names.contains(HEAD)) {
            return this;
        }
        if (names.size() == 1) {
            throw new UserError(
                    "target_modules: " + HEAD
                            + " alone leaves nothing to train in the value model, which has no language head: name another layer too");
        }
        return named(names.stream().filter(name -> !name.equals(HEAD)).toList());
    }

    /** Whether a module, such as {@code model.layers.0.self_attn.q_proj}, is one of them. */
    boolean contains(String module) {
        return expression
                .map(given -> isAll(given) ? !module.equals(HEAD) : Pattern.matches(given, module))
                .orElseGet(() -> names.stream().anyMatch(name -> isNamed(module, name)));
    }

    private static boolean isNamed(String module, String name) {
        return module.equals(name) || module.endsWith("." + name);
    }

    /** The first name that is none of these modules'; the expression where it matches none. */
    Optional<String> withoutModule(Collection<String> modules) {
        return expression.isPresent()
                ? expression.filter(given -> modules.stream().noneMatch(this::contains))
                : names.stream()
                        .filter(name -> modules.stream().noneMatch(module -> isNamed(module, name)))
                        .findFirst();
    }
}
