package io.github.rlhf4j.cli;

import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.rlhf4j.core.CounterRandom;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.OutputFile;
import io.github.rlhf4j.core.generation.FinishReason;
import io.github.rlhf4j.core.generation.GeneratedText;
import io.github.rlhf4j.core.generation.Generator;
import io.github.rlhf4j.core.generation.SamplingOptions;
import io.github.rlhf4j.core.generation.TextGenerator;
import io.github.rlhf4j.core.generation.TextListener;
import io.github.rlhf4j.core.stage.Progress;
import io.github.rlhf4j.datasets.Content;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.Prompt;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code generate}: continuations of a prompt, or of every prompt of a dataset. */
@Command(name = "generate", description = "Continue a prompt, or every prompt of a dataset.", sortOptions = false)
final class GenerateCommand implements Callable<Integer> {
    private static final int PROMPTS_AT_ONCE = 512;
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
        Assembly assembly = Assembly.create();
        try (OpenModel open = OpenModel.openLanguageModel(model, arithmetic.kernels(assembly, terminal));
                Generator generator = new Generator(open.transformer())) {
            Datasets datasets = assembly.datasets();
            SamplingOptions options = sampling.options(open.tokenizer());
            TextGenerator texts = new TextGenerator(open.tokenizer(), generator, sampling.stopStrings(), () -> false);
            ChatTokens chats = new ChatTokens(ModelChat.encoder(open.tokenizer()));
            if (file.isPresent()) {
                file.get().write(out -> generate(datasets, texts, options, chats, sample -> writeLine(out, sample)));
            } else {
                generate(datasets, texts, options, chats, new Printer(terminal));
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

    /** Takes samples in order. */
    private interface Taker {
        void take(Sample sample);
    }

    private record Sample(String prompt, GeneratedText generated) {}

    private void generate(
            Datasets datasets, TextGenerator texts, SamplingOptions options, ChatTokens chats, Taker taker) {
        CounterRandom random = CounterRandom.of(sampling.seed()).derive("generate");
        if (prompt.isPresent()) {
            generate(List.of(new Prompt(prompt.get())), texts, options, chats, random.derive(0), taker, Progress.NONE);
            return;
        }
        try (RecordSet<Prompt> prompts = datasets.open(dataset.spec(data.get()), Prompt.class, sampling.seed());
                Progress progress = terminal.progress("generate", prompts.size() * samples, "samples")) {
            for (long first = 0; first < prompts.size(); first += PROMPTS_AT_ONCE) {
                List<Prompt> some = new ArrayList<>();
                for (long i = first; i < Math.min(prompts.size(), first + PROMPTS_AT_ONCE); i++) {
                    some.add(prompts.get(i));
                }
                generate(some, texts, options, chats, random.derive(first / PROMPTS_AT_ONCE), taker, progress);
            }
        }
    }

    private void generate(
            List<Prompt> prompts,
            TextGenerator texts,
            SamplingOptions options,
            ChatTokens chats,
            CounterRandom random,
            Taker taker,
            Progress progress) {
        List<int[]> ids = prompts.stream()
                .map(each -> promptIds(each.prompt(), texts, chats))
                .toList();
        TextListener listener = new TextListener() {
            @Override
            public void onFinished(GeneratedText generated) {
                progress.advance(1);
            }
        };
        List<GeneratedText> generated = texts.generate(ids, samples, options, random, listener);
        for (GeneratedText each : generated) {
            written++;
            cutByContext += each.tokens().finishReason() == FinishReason.LENGTH
                            && each.tokens().ids().length < options.maxNewTokens()
                    ? 1
                    : 0;
            taker.take(new Sample(prompts.get(each.tokens().request()).promptKey(), each));
        }
    }

    private int[] promptIds(Content content, TextGenerator texts, ChatTokens chats) {
        if (content instanceof Content.Messages messages) {
            return chats.prompt(messages.messages(), false);
        }
        String text = ((Content.Text) content).text();
        return chat ? chats.prompt(List.of(new ChatMessage("user", text)), false) : texts.promptIds(text);
    }

    private static void writeLine(OutputStream out, Sample sample) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("prompt", sample.prompt());
        line.put("text", sample.generated().text());
        line.put("ids", sample.generated().tokens().ids());
        line.put("log_probs", floats(sample.generated().tokens().logProbs()));
        line.put("finish_reason", sample.generated().tokens().finishReason().text());
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
    private static final class Printer implements Taker {
        private final Terminal terminal;
        private boolean first = true;

        Printer(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public void take(Sample sample) {
            terminal.clearBar();
            if (!first) {
                terminal.out().print("\n");
            }
            first = false;
            terminal.out().print(sample.generated().text() + "\n");
        }
    }
}
