package io.github.rlhf4j.plan;

import io.github.rlhf4j.core.Suggestion;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.ModelConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What is planned: a model by name, by its config.json, or by its number of parameters alone.
 *
 * @param name for the reader
 * @param source of the sizes
 * @param note what a reader must know
 * @param parameters its weights
 * @param shape its sizes; empty where the number of parameters alone is known
 * @param ours the same as this program computes it; empty where it cannot
 * @param tokens that it was trained on
 * @param length tokens of a training sequence
 */
public record PlanSubject(
        String name,
        String source,
        Optional<String> note,
        Parameters parameters,
        Optional<ModelShape> shape,
        Optional<ModelConfig> ours,
        OptionalLong tokens,
        OptionalLong length) {
    private static final String PARAMETERS = "[0-9]+(\\.[0-9]+)?([kKmMbBtT]|[eE][0-9]+)?";

    /**
     * Of what is no file: a name of the table, a family with its sizes, or a number of parameters.
     *
     * @param values {@code key=value} over the config.json
     * @throws UserError where it is none of them
     */
    public static PlanSubject named(String given, List<String> values) {
        Optional<KnownModel> known = KnownModels.find(given);
        if (known.isPresent()) {
            return of(known.get(), values);
        }
        if (FamilyRules.names().contains(given) && !values.isEmpty()) {
            return of(given, "sizes as given", Configs.empty(given, given), values);
        }
        if (given.matches(PARAMETERS) && values.isEmpty()) {
            return ofSize(given);
        }
        throw unknown(given);
    }

    private static UserError unknown(String given) {
        String hint = FamilyRules.names().contains(given)
                ? " is a family: give its sizes too, such as hidden_size=4096 num_hidden_layers=32, or a name of ./rlhf4j plan --list"
                : " is no model that is known, no model's folder and no file"
                        + Suggestion.phrase(KnownModels.plain(given), KnownModels.names())
                        + "; ./rlhf4j plan --list prints all names";
        return new UserError("\"" + given.replaceAll("\\p{Cntrl}", "?") + "\"" + hint);
    }

    private static PlanSubject of(KnownModel known, List<String> values) {
        if (!values.isEmpty()) {
            return of(known.name(), known.source() + "; with changes", known.config(), values);
        }
        PlanSubject subject = of(known.name(), known.source(), known.config(), List.of());
        return new PlanSubject(
                subject.name,
                subject.source,
                known.note(),
                subject.parameters,
                subject.shape,
                subject.ours,
                known.tokens(),
                known.length());
    }

    private static PlanSubject ofSize(String given) {
        double parameters = Amounts.parse("the number of parameters", given);
        Checks.positive("the number of parameters", parameters);
        Parameters all = new Parameters(0, 0, Math.round(parameters), 0, 0, 0, Math.round(parameters));
        return new PlanSubject(
                given + " parameters",
                "the number alone",
                Optional.empty(),
                all,
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    /**
     * Of a model's folder or a config.json.
     *
     * @throws UserError where it cannot be read or counted
     */
    public static PlanSubject of(Path config, List<String> values) {
        return of(config.toString(), "config.json", Configs.languageModel(HuggingFaceConfig.read(config)), values);
    }

    /** Of a model that this program computes, such as one that a stage will make. */
    public static PlanSubject of(String name, ModelConfig config) {
        return of(name, "the run file", config.toHuggingFace(), List.of());
    }

    private static PlanSubject of(String name, String source, HuggingFaceConfig file, List<String> values) {
        HuggingFaceConfig config = Configs.with(file, values);
        ModelShape shape = ShapeReader.read(config, Configs.keys(values));
        return new PlanSubject(
                name,
                source,
                Optional.empty(),
                Parameters.of(shape),
                Optional.of(shape),
                ours(config),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    private static Optional<ModelConfig> ours(HuggingFaceConfig config) {
        try {
            return Optional.of(ModelConfig.from(config));
        } catch (UserError e) {
            return Optional.empty();
        }
    }

    /** Names of the table with what they are, a line each. */
    public static List<String> list() {
        return KnownModels.all().stream()
                .map(model -> String.format(
                        Locale.ROOT,
                        "%-18s %8s  %s",
                        model.name(),
                        Units.rounded(
                                Parameters.of(ShapeReader.read(model.config())).total()),
                        model.source()))
                .toList();
    }

    /** Tokens of a sequence where nothing is asked for. */
    long usualLength() {
        long context = shape.map(ModelShape::context).orElse(4096L);
        return length.isPresent() ? Math.min(length.getAsLong(), context) : Math.min(context, 8192);
    }

    static Set<Head> heads() {
        return Set.of(Head.LANGUAGE);
    }
}
