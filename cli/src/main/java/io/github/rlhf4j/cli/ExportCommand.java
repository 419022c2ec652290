package io.github.rlhf4j.cli;

import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.OutputFile;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.stage.ConfigException;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.core.stage.SaveConfig;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordKind;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.gguf.GgufFormat;
import io.github.rlhf4j.pipeline.model.FolderComparison;
import io.github.rlhf4j.pipeline.model.GivenModel;
import io.github.rlhf4j.pipeline.model.ModelExport;
import io.github.rlhf4j.pipeline.model.ModelFolder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code export}: a dataset, such as a part of the synthetic world, as JSONL; or a model with weights of another type, or as a GGUF file. */
@Command(
        name = "export",
        description =
                "Write a dataset, such as synthetic:demonstrations, as JSONL; or a model, its weights as another type or as a GGUF file.",
        sortOptions = false)
final class ExportCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(
            paramLabel = "DATASET|DIR",
            description = "synthetic:<part>, a file to normalise, a model's directory, or a GGUF file.")
    private String what = "";

    @Option(names = "--out", required = true, paramLabel = "FILE.jsonl|DIR|FILE.gguf", description = "Where to.")
    private Path out = Path.of("");

    @Mixin
    private DatasetFlags dataset = new DatasetFlags();

    @Option(names = "--seed", paramLabel = "N", description = "Of the synthetic world (default: 0): a run's seed.")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--save-dtype",
            paramLabel = "TYPE",
            description = "Of a model's weights: float32, the default, or bfloat16.")
    private Optional<SaveConfig.SaveDtype> saveDtype = Optional.empty();

    @Option(
            names = "--max-shard-size",
            paramLabel = "SIZE",
            description = "Of a model's weight files: 5GB, the default, 200MiB, ...")
    private Optional<String> maxShardSize = Optional.empty();

    @Option(
            names = "--gguf",
            paramLabel = "TYPE",
            description =
                    "Write a model as one GGUF file for llama.cpp, its matrices as F32, F16, BF16, Q8_0, Q4_0 or Q4_K.")
    private Optional<GgufFormat> gguf = Optional.empty();

    @Mixin
    private AdapterFlag adapter = new AdapterFlag();

    @Option(
            names = "--merge",
            description =
                    "Make the adapter a part of the model's weights; DIR may then be an adapter's that names its model.")
    private boolean merge;

    ExportCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (!what.startsWith("synthetic:")
                && (ModelFolder.isOne(Path.of(what)) || AdapterDirectory.isOne(Path.of(what)))) {
            exportModel();
        } else {
            exportData();
        }
        return 0;
    }

    private void exportModel() {
        if (dataset.isGiven() || seed.isPresent()) {
            throw new UserError(
                    "--limit, --format, --columns and --seed are for datasets, but " + what + " is a model");
        }
        if (gguf.isPresent()) {
            exportGguf(gguf.get());
            return;
        }
        if (out.toString().endsWith(".gguf")) {
            throw new UserError("--out " + out + " is to be a GGUF file: say of which type, such as --gguf Q8_0");
        }
        WeightFormat format = weightFormat();
        GivenModel given = givenModel();
        try (Rlhf4j rlhf4j = Engine.open(terminal)) {
            String compared = ModelExport.writeFolder(given, out, format, command(), rlhf4j.kernels())
                    .map(ExportCommand::readBack)
                    .orElse("");
            terminal.line("model written to " + out + compared);
        }
    }

    private WeightFormat weightFormat() {
        try {
            return new SaveConfig(
                            saveDtype.orElse(SaveConfig.DEFAULT.saveDtype()),
                            maxShardSize.orElse(SaveConfig.DEFAULT.maxShardSize()))
                    .format();
        } catch (ConfigException e) {
            throw new UserError("--max-shard-size: " + e.getMessage(), e);
        }
    }

    private static String readBack(FolderComparison seen) {
        return String.format(
                Locale.ROOT,
                "; read back, its log-probs differ by %.6f nats at most over %d tokens",
                seen.largestDifference(),
                seen.tokens());
    }

    private void exportGguf(GgufFormat format) {
        if (saveDtype.isPresent() || maxShardSize.isPresent()) {
            throw new UserError("--save-dtype and --max-shard-size are for safetensors; a GGUF file is one, of the type"
                    + " that --gguf says");
        }
        if (!out.toString().endsWith(".gguf")) {
            throw new UserError("--gguf writes one file: --out must end with .gguf, but is " + out);
        }
        GivenModel given = givenModel();
        OutputFile.of("--out", out);
        try (Rlhf4j rlhf4j = Engine.open(terminal)) {
            ModelExport.ExportedFile written = ModelExport.writeGguf(given, out, format, command(), rlhf4j.kernels());
            written.result().warnings().forEach(terminal::warning);
            terminal.line(String.format(
                    Locale.ROOT,
                    "model written to %s: %,d bytes; read back, its log-probs differ by %.6f nats at most over %d tokens (%s)",
                    out,
                    written.result().bytes(),
                    written.result().largestDifference(),
                    written.result().tokens(),
                    written.card()));
        }
    }

    /** This command again, as the card has it. */
    private String command() {
        StringBuilder command = new StringBuilder("./rlhf4j export " + what);
        adapter.folder().ifPresent(folder -> command.append(" --adapter ").append(folder));
        if (merge) {
            command.append(" --merge");
        }
        gguf.ifPresent(format -> command.append(" --gguf ").append(format));
        saveDtype.ifPresent(
                type -> command.append(" --save-dtype ").append(type.name().toLowerCase(Locale.ROOT)));
        maxShardSize.ifPresent(size -> command.append(" --max-shard-size ").append(size));
        return command.append(" --out ").append(out).toString();
    }

    private GivenModel givenModel() {
        Path given = Path.of(what);
        if (adapter.folder().isPresent() && !merge) {
            throw new UserError(
                    "--adapter needs --merge: what is written is the model with the adapter in its weights");
        }
        if (AdapterDirectory.isOne(given)) {
            return ofAdapter(given);
        }
        if (merge && adapter.folder().isEmpty()) {
            throw new UserError(
                    "--merge needs --adapter DIR: " + what + " is a model, and has no adapter to be merged");
        }
        return GivenModel.of(given, adapter.folder());
    }

    private GivenModel ofAdapter(Path given) {
        String base = AdapterDirectory.open(given)
                .config()
                .path("base_model_name_or_path")
                .asText();
        if (!merge || adapter.folder().isPresent()) {
            throw new UserError(what + " is an adapter: export MODEL --adapter " + what + " --merge --out " + out);
        }
        if (base.isEmpty() || !ModelFolder.isOne(Path.of(base))) {
            throw new UserError(
                    "the model of the adapter " + what + ", " + (base.isEmpty() ? "which is not named" : base)
                            + ", is not here: export MODEL --adapter " + what + " --merge --out " + out);
        }
        return GivenModel.of(Path.of(base), Optional.of(given));
    }

    private RecordSet<DataRecord> read(Rlhf4j rlhf4j, DatasetSpec spec) {
        try (Progress progress = terminal.progress("reading " + what, 0, "rows")) {
            return rlhf4j.datasets().open(spec, List.of(RecordKind.values()), seed.orElse(0L), progress);
        }
    }

    private void exportData() {
        if (merge || adapter.folder().isPresent()) {
            throw new UserError("--adapter and --merge are for models, but " + what + " is no model's directory");
        }
        if (gguf.isPresent()) {
            throw new UserError("--gguf is for models, but " + what + " is no model's directory");
        }
        if (saveDtype.isPresent() || maxShardSize.isPresent()) {
            throw new UserError(
                    "--save-dtype and --max-shard-size are for models, but " + what + " is no model's directory");
        }
        OutputFile file = OutputFile.of("--out", out);
        DatasetSpec spec = dataset.spec(what);
        try (Rlhf4j rlhf4j = Engine.open(terminal);
                RecordSet<DataRecord> rows = read(rlhf4j, spec);
                Progress progress = terminal.progress("export", rows.size(), "rows")) {
            file.write(stream -> {
                for (DataRecord row : rows) {
                    stream.write((RecordJson.toLine(row) + "\n").getBytes(StandardCharsets.UTF_8));
                    progress.advance(1);
                }
            });
            rows.dropReport().lines(what).forEach(terminal::warning);
            terminal.line(rows.size() + " rows of format " + rows.kind().configName() + " written to " + out);
        }
    }
}
