package io.github.rlhf4j.cli;

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
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code generate}: continuations of a prompt, or of every prompt of a dataset. */
@Command(name = "generate", description = "Continue a prompt, or every prompt of a dataset.", sortOptions = false)
final class GenerateCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--model",
            required = true,
            paramLabel = "DIR",
            description = "A Hugging Face directory, or a run's stage.")
    private Path model = Path.of("");

    @Mixin
    private AdapterFlag adapter = new AdapterFlag();

    @Mixin
    private WeightsFlag weights = new WeightsFlag();

    @Mixin
    private SpeculationFlags speculation = new SpeculationFlags();

    @Option(names = "--prompt", paramLabel = "TEXT", description = "One prompt.")
    private Optional<String> prompt = Optional.empty();

    @Option(names = "--data", paramLabel = "FILE", description = "A dataset with prompts, or synthetic:<part>.")
    private Optional<String> data = Optional.empty();

    @Mixin
    private SamplingFlags sampling = new SamplingFlags();

    @Mixin
    private StructuredFlags structured = new StructuredFlags();

    @Option(
            names = {"--num-samples", "--num-return-sequences", "--n"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Continuations of each prompt.")
    private int samples;

    @Mixin
    private BeamFlags beams = new BeamFlags();

    @Mixin
    private SelectionFlags selection = new SelectionFlags();

    @Option(
            names = "--logprobs",
            paramLabel = "K",
            defaultValue = "0",
            description = "The K most likely tokens at each place, in --out.")
    private int logprobs;

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
    private long cutStructured;

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
        selection.check(samples);
        if (logprobs != 0 && outFile.isEmpty()) {
            throw new UserError("--logprobs are written with --out FILE.jsonl, which is missing");
        }
        Optional<OutputFile> file = outFile.map(path -> OutputFile.of("--out", path));
        GenerationOptions options =
                beams.put(structured.held(sampling.options(selection.samples(samples), chat))).toBuilder()
                        .logprobs(logprobs)
                        .build();
        if (options.beams().isPresent() && speculation.isGiven()) {
            throw new UserError(
                    "beam search guesses no tokens: leave out --prompt-lookup-num-tokens and --assistant-model");
        }
        speculation.check();
        try (Rlhf4j rlhf4j = arithmetic.engine(terminal);
                SpeculationFlags.Open guesses = speculation.open(rlhf4j);
                LanguageModel open = weights.apply(adapter.open(rlhf4j, model));
                Selector selector = selection.selector(rlhf4j, samples)) {
            open.generator().speculate(guesses.speculation());
            if (file.isPresent()) {
                SampleLines lines = new SampleLines(open.tokenizer(), options);
                file.get().write(out -> generate(rlhf4j.datasets(), open, options, groups(selector, lines.into(out))));
            } else {
                generate(rlhf4j.datasets(), open, options, groups(selector, new Printer(terminal)));
            }
            if (cutStructured > 0) {
                terminal.warning(
                        "%,d of %,d samples were cut before their text was whole, so they are not valid: give more --max-new-tokens than %d"
                                .formatted(cutStructured, written, options.maxNewTokens()));
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

    private void generate(Datasets datasets, LanguageModel open, GenerationOptions options, SampleGroups groups) {
        if (prompt.isPresent()) {
            generate(List.of(new Prompt(prompt.get())), open, options, groups, Progress.NONE);
            return;
        }
        try (RecordSet<Prompt> prompts = datasets.open(dataset.spec(data.get()), Prompt.class, sampling.seed());
                Progress progress = terminal.progress("generate", prompts.size() * options.samples(), "samples")) {
            generate(prompts, open, options, groups, progress);
        }
    }

    private void generate(
            Iterable<Prompt> prompts,
            LanguageModel open,
            GenerationOptions options,
            SampleGroups groups,
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
            cutStructured += options.structuredOutputs().isPresent()
                            && generated.tokens().finishReason() == FinishReason.LENGTH
                    ? 1
                    : 0;
            groups.accept(source, generated);
        });
        groups.finish();
    }

    /** Gathers the samples of a prompt, and gives on those that are wanted. */
    private SampleGroups groups(Selector selector, BiConsumer<Prompt, Selector.Chosen> taker) {
        return new SampleGroups((source, group) -> {
            List<Selector.Chosen> chosen = selector.choose(source, group);
            chosen.forEach(one -> taker.accept(source, one));
            Selector.summary(chosen).ifPresent(terminal::line);
        });
    }

    /** Prints continuations, an empty line between two of them. */
    private static final class Printer implements BiConsumer<Prompt, Selector.Chosen> {
        private final Terminal terminal;
        private boolean first = true;

        Printer(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public void accept(Prompt prompt, Selector.Chosen chosen) {
            terminal.clearBar();
            if (!first) {
                terminal.out().print("\n");
            }
            first = false;
            terminal.out().print(chosen.sample().text() + "\n");
        }
    }
}
