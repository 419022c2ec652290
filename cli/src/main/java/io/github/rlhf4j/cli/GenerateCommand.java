package io.github.rlhf4j.cli;

import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.cli.terminal.Terminal;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.OutputFile;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.core.generation.TextListener;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.RecordSet;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code generate}: continuations of a prompt, or of every prompt of a dataset. */
@Command(name = "generate", description = "Continue a prompt, or every prompt of a dataset.", sortOptions = false)
final class GenerateCommand implements Callable<Integer> {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .build();

    private final Terminal terminal;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "A Hugging Face directory, or a run's stage.")
    private Path model = Path.of("");

    @Option(names = "--prompt", paramLabel = "TEXT", description = "One prompt.")
    private Optional<String> prompt = Optional.empty();

    @Option(names = "--data", paramLabel = "FILE", description = "A dataset with prompts, or synthetic:<part>.")
    private Optional<String> data = Optional.empty();

    @Mixin
    private SamplingFlags sampling = new SamplingFlags();

    @Option(
            names = "--num-samples",
            paramLabel = "N",
            defaultValue = "1",
            description = "Continuations of each prompt.")
    private int samples;

    @Option(names = "--chat", description = "Put the prompt into the model's chat template, as a user's message.")
    private boolean chat;

    @Option(names = "--out", paramLabel = "FILE.jsonl", description = "One object a sample instead of text.")
    private Optional<Path> outFile = Optional.empty();

    @Mixin
    private DatasetFlags dataset = new DatasetFlags();

    @Mixin
    private KernelOptions arithmetic = new KernelOptions();

    private long written;
    private long cutByContext;

    GenerateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (prompt.isPresent() == data.isPresent()) {
            throw new UserError("give either --prompt TEXT or --data FILE");
        }
        if (dataset.isGiven() && data.isEmpty()) {
            throw new UserError("--limit, --format and --columns belong to --data; there is one --prompt");
        }
        if (samples < 1) {
            throw new UserError("--num-samples must be >= 1, but is " + samples);
        }
        Optional<OutputFile> file = outFile.map(path -> OutputFile.of("--out", path));
        try (Rlhf4j rlhf4j = arithmetic.engine(terminal);
                LanguageModel open = rlhf4j.languageModel(model)) {
            GenerationOptions options = sampling.options(samples, chat);
            if (file.isPresent()) {
                file.get()
                        .write(out -> generate(
                                rlhf4j.datasets(), open, options, (prompt, text) -> writeLine(out, prompt, text)));
            } else {
                generate(rlhf4j.datasets(), open, options, new Printer(terminal));
            }
            if (cutByContext > 0) {
                terminal.warning(
                        "%,d of %,d samples ended because the model's context of %d tokens was full, before --max-new-tokens %d"
                                .formatted(
                                        cutByContext,
                                        written,
                                        open.transformer().config().maxPositions(),
                                        options.maxNewTokens()));
            }
        }
        return 0;
    }

    private void generate(
            Datasets datasets, LanguageModel open, GenerationOptions options, BiConsumer<Prompt, GeneratedText> taker) {
        if (prompt.isPresent()) {
            generate(List.of(new Prompt(prompt.get())), open, options, taker, Progress.NONE);
            return;
        }
        try (RecordSet<Prompt> prompts = datasets.open(dataset.spec(data.get()), Prompt.class, sampling.seed());
                Progress progress = terminal.progress("generate", prompts.size() * samples, "samples")) {
            generate(prompts, open, options, taker, progress);
        }
    }

    private void generate(
            Iterable<Prompt> prompts,
            LanguageModel open,
            GenerationOptions options,
            BiConsumer<Prompt, GeneratedText> taker,
            Progress progress) {
        TextListener listener = new TextListener() {
            @Override
            public void onFinished(GeneratedText generated) {
                progress.advance(1);
            }
        };
        open.generate(prompts.iterator(), options, listener, (source, generated) -> {
            written++;
            cutByContext += generated.tokens().finishReason() == FinishReason.LENGTH
                            && generated.tokens().ids().length < options.maxNewTokens()
                    ? 1
                    : 0;
            taker.accept(source, generated);
        });
    }

    private static void writeLine(OutputStream out, Prompt prompt, GeneratedText generated) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("prompt", prompt.promptKey());
        line.put("text", generated.text());
        line.put("ids", generated.tokens().ids());
        line.put("log_probs", floats(generated.tokens().logProbs()));
        line.put("finish_reason", generated.tokens().finishReason().text());
        try {
            out.write((MAPPER.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** They are in single precision, and written so. */
    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /** Prints continuations, an empty line between two of them. */
    private static final class Printer implements BiConsumer<Prompt, GeneratedText> {
        private final Terminal terminal;
        private boolean first = true;

        Printer(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public void accept(Prompt prompt, GeneratedText generated) {
            terminal.clearBar();
            if (!first) {
                terminal.out().print("\n");
            }
            first = false;
            terminal.out().print(generated.text() + "\n");
        }
    }
}
