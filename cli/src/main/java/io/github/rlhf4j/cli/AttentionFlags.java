package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.OutputFile;
import io.github.rlhf4j.pipeline.attention.AttentionInspection;
import io.github.rlhf4j.pipeline.model.GivenModel;
import io.github.rlhf4j.pipeline.model.OpenModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** Attention of a model over a text, on the command line. */
final class AttentionFlags {
    private static final String LAYERS = "\\d{1,6}(-\\d{1,6})?(,\\d{1,6}(-\\d{1,6})?)*";
    private static final int MOST = 10_000;

    @Option(
            names = "--attention",
            paramLabel = "TEXT",
            description =
                    "Of a model: what each head of each layer attends to in this text, with the numbers behind it.")
    private Optional<String> text = Optional.empty();

    @Option(
            names = "--out",
            paramLabel = "FILE.html",
            description = "With --attention: a page to look at in a browser, instead of a table.")
    private Optional<Path> out = Optional.empty();

    @Option(names = "--layers", paramLabel = "N,N-N", description = "With --attention: these layers alone, from 0.")
    private Optional<String> layers = Optional.empty();

    /** Whether attention is asked for. */
    boolean isGiven(boolean isModel, String what) {
        if (text.isEmpty() && (out.isPresent() || layers.isPresent())) {
            throw new UserError("--out and --layers of inspect do nothing without --attention TEXT");
        }
        if (text.isPresent() && !isModel) {
            throw new UserError("--attention is for models, but " + what + " is no model's directory");
        }
        return text.isPresent();
    }

    void show(GivenModel given, String name, Terminal terminal) {
        Optional<OutputFile> file = out.map(path -> OutputFile.of("--out", path));
        try (Rlhf4j rlhf4j = Engine.open(terminal);
                OpenModel model = OpenModel.openLanguageModel(given, rlhf4j.kernels())) {
            AttentionInspection inspection =
                    AttentionInspection.of(name, model.transformer(), model.tokenizer(), text.orElseThrow(), numbers());
            if (file.isEmpty()) {
                inspection.lines().forEach(terminal::result);
                return;
            }
            byte[] page = inspection.html().getBytes(StandardCharsets.UTF_8);
            file.get().write(stream -> stream.write(page));
            terminal.line("attention written to " + out.orElseThrow());
        }
    }

    private List<Integer> numbers() {
        if (layers.isEmpty()) {
            return List.of();
        }
        if (!layers.get().matches(LAYERS)) {
            throw new UserError("--layers must be numbers and ranges such as 0,4-6, but is \"" + layers.get() + "\"");
        }
        TreeSet<Integer> numbers = new TreeSet<>();
        for (String part : layers.get().split(",")) {
            String[] ends = part.split("-");
            int first = Integer.parseInt(ends[0]);
            int last = Integer.parseInt(ends[ends.length - 1]);
            if (last < first || last >= MOST) {
                throw new UserError("--layers: " + part + " must go upwards and stay below " + MOST);
            }
            for (int layer = first; layer <= last; layer++) {
                numbers.add(layer);
            }
        }
        return new ArrayList<>(numbers);
    }
}
