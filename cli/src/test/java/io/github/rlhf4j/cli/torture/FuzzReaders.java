package io.github.rlhf4j.cli.torture;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.GgufWeights;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.TensorReader;
import io.github.rlhf4j.core.grammar.StructuredOutputs;
import io.github.rlhf4j.core.tokenizer.HuggingFaceTokenizer;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.datasets.chat.ChatTemplate;
import io.github.rlhf4j.datasets.io.DataFiles;
import io.github.rlhf4j.datasets.io.ReadOptions;
import io.github.rlhf4j.datasets.io.RowSource;
import io.github.rlhf4j.filter.robots.RobotsTxt;
import io.github.rlhf4j.pipeline.config.RunFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Readers without a command around them, for Jazzer: thousands of inputs a second, where a command reads a few. A reader ends normally or with a {@link UserError} in one line.
 *
 * <p>Names are {@code reader NAME}; the input to begin with is in the corpus.
 */
final class FuzzReaders {
    private static final String PREFIX = "reader ";
    private static final FloatBuffer NUMBERS =
            ByteBuffer.allocateDirect(4 << 20).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();

    private final Map<String, Reader> readers = new LinkedHashMap<>();
    private final Corpus corpus;
    private final Path work;

    /** What reads an input, which lies in a file and is given as its bytes too. */
    private interface Reading {
        void read(Path file, byte[] input) throws IOException;
    }

    /** @param folder of the corpus that the file is copied with; empty: the file alone */
    private record Reader(String folder, String file, Reading reading) {}

    FuzzReaders(Corpus corpus, Path work) {
        this.corpus = corpus;
        this.work = work;
        add("config", "model", "config.json", (file, input) -> HuggingFaceConfig.read(file));
        add("tokenizer", "model", "tokenizer.json", (file, input) -> tokenizer(folderOf(file)));
        add("tokenizer config", "model", "tokenizer_config.json", (file, input) -> tokenizer(folderOf(file)));
        add("template", "", "model/chat_template.jinja", (file, input) -> template(text(input)));
        add("safetensors", "model", "model.safetensors", (file, input) -> weights(folderOf(file)));
        add("index", "sharded", "model.safetensors.index.json", (file, input) -> weights(folderOf(file)));
        add("adapter", "adapter", "adapter_config.json", (file, input) -> adapter(folderOf(file)));
        add("GGUF", "", "model.gguf", (file, input) -> {
            try (GgufWeights weights = GgufWeights.open(file)) {
                readAll(weights);
            }
        });
        for (String name : List.of(
                "demonstrations.jsonl",
                "array.json",
                "table.csv",
                "rows.jsonl.gz",
                "rows.jsonl.zst",
                "pages.warc.gz",
                "pages.warc")) {
            add(name, "", "data/" + name, (file, input) -> rows(file));
        }
        for (String codec : List.of("types", "gzip", "snappy", "zstd", "lz4")) {
            add("parquet " + codec, "", "data/parquet/" + codec + ".parquet", (file, input) -> rows(file));
        }
        add("run file", "", "chain.yaml", (file, input) -> RunFile.read(file, List.of("model=tiny")));
        add("JSON schema", "", "data/schema.json", (file, input) -> StructuredOutputs.json(text(input)));
        add("regular expression", "", "data/schema.json", (file, input) -> StructuredOutputs.regex(text(input)));
        add("robots.txt", "", "data/robots.jsonl", (file, input) -> RobotsTxt.parse(text(input)));
    }

    /** Prints the names, which tools/fuzz asks for. */
    public static void main(String[] arguments) {
        new FuzzReaders(new Corpus(Path.of("")), Path.of("")).names().forEach(System.out::println);
    }

    private static Path folderOf(Path file) {
        return Objects.requireNonNull(file.getParent());
    }

    private void add(String name, String folder, String file, Reading reading) {
        readers.put(PREFIX + name, new Reader(folder, file, reading));
    }

    List<String> names() {
        return List.copyOf(readers.keySet());
    }

    boolean has(String name) {
        return readers.containsKey(name);
    }

    /** The input to begin with. */
    byte[] whole(String name) throws IOException {
        Reader reader = reader(name);
        return Files.readAllBytes(corpus.of(reader.folder).resolve(reader.file));
    }

    private Reader reader(String name) {
        Reader reader = readers.get(name);
        if (reader == null) {
            throw new IllegalArgumentException("no reader " + name + "; there are " + names());
        }
        return reader;
    }

    /** Before the first input. */
    void prepare(String name) throws IOException {
        AtomicFiles.delete(work);
        Reader reader = reader(name);
        if (reader.folder.isEmpty()) {
            Files.createDirectories(work.resolve(reader.file).getParent());
        } else {
            Copies.copy(corpus.of(reader.folder), work);
        }
    }

    /** Reads an input; fails where the reader does. */
    void read(String name, byte[] input) throws IOException {
        Reader reader = reader(name);
        Path file = Files.write(work.resolve(reader.file), input);
        try {
            reader.reading.read(file, input);
        } catch (UserError e) {
            String message = String.valueOf(e.getMessage());
            String given = new String(input, StandardCharsets.ISO_8859_1);
            boolean isNone = Stream.of("Exception", "\n\tat ") // a terminal cuts what is long
                    .anyMatch(text -> message.contains(text) && !given.contains(text)); // a message may quote
            if (isNone) {
                throw new IllegalStateException("a message that is none for users: " + message, e);
            }
        }
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }

    private static void tokenizer(Path folder) {
        try (HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            tokenizer.decode(tokenizer.encode("Where is caf\u00e9 12?\n<|endoftext|> \ud83d\ude00", true), false);
        }
    }

    private static void template(String source) {
        ChatTemplate.parse(source, Map.of("eos_token", "</s>"), Clock.systemUTC())
                .render(List.of(new ChatMessage("user", "Hi"), new ChatMessage("assistant", "Ho")), true);
    }

    private static void weights(Path folder) throws IOException {
        try (TensorReader weights = ModelDirectory.open(folder).openWeights()) {
            readAll(weights);
        }
    }

    private static void adapter(Path folder) throws IOException {
        AdapterDirectory adapter = AdapterDirectory.open(folder);
        adapter.isRewardModel();
        adapter.scoreStatistics();
        try (TensorReader weights = adapter.openWeights()) {
            readAll(weights);
        }
    }

    private static void readAll(TensorReader weights) {
        for (String name : weights.names()) {
            weights.dtype(name);
            weights.shape(name);
            NUMBERS.clear().limit((int) Math.min(NUMBERS.capacity(), weights.elements(name)));
            weights.read(name, 0, NUMBERS);
        }
    }

    private static void rows(Path file) {
        try (RowSource rows =
                DataFiles.of(List.of(file.toString())).list().get(0).rows(ReadOptions.ALL)) {
            while (rows.hasNext()) {
                rows.next();
            }
        }
    }
}
