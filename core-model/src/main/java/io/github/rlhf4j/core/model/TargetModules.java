package io.github.rlhf4j.core.model;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which linear layers get an adapter, as peft's {@code target_modules} says.
 *
 * @param names ends of modules' names, such as {@code q_proj} or {@code layers.0.self_attn.q_proj}
 * @param expression instead of names: {@code all-linear}, or a regular expression that a module's whole name matches
 */
public record TargetModules(List<String> names, Optional<String> expression) {
    private static final String ALL = "all-linear";

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

    /** What peft targets in a family where nothing is said: queries and values, which GPT-2 has in one matrix with the keys. */
    public static TargetModules defaults(Family family) {
        return named(family.names().queryKeyValue().size() == 1 ? List.of("c_attn") : List.of("q_proj", "v_proj"));
    }

    private static boolean isAll(String expression) {
        return expression.toLowerCase(Locale.ROOT).equals(ALL);
    }

    /** Whether a module, such as {@code model.layers.0.self_attn.q_proj}, is one of them. */
    boolean contains(String module) {
        return expression
                .map(given -> isAll(given) || Pattern.matches(given, module))
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
