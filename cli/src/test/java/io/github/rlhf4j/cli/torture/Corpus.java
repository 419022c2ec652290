package io.github.rlhf4j.cli.torture;

import com.github.luben.zstd.Zstd;
import io.github.rlhf4j.cli.InProcess;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.testing.damage.Form;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Whole inputs, made by the program itself: models, an adapter, a GGUF file, a run, data of every kind. */
final class Corpus {
    private static final String MARK = "whole.txt"; // the last file to be written
    private static final Path PARQUET = Path.of("../datasets/src/test/resources/parquet");
    private static final Path WARC =
            Path.of("../datasets/src/test/resources/io/github/rlhf4j/datasets/io/pages.warc.gz");
    private static final String TEMPLATE = """
            {%- if messages[0].role == 'system' %}{{ messages[0].content }}{% endif -%}
            {% for m in messages %}{% if loop.first and m.role != 'user' %}{{ raise_exception('user first') }}{% endif %}
            <|{{ m.role }}|>{{ m.content | trim }}{{ eos_token }}{% endfor %}
            {% if add_generation_prompt %}<|assistant|>{% endif %}
            """;
    private static final String RUN = """
            name: chain
            seed: 7
            stages:
              sft: {type: sft, model: $model, dataset: {path: DATA/demonstrations.jsonl}, max_steps: 3, batch_size: 2, max_length: 64, learning_rate: 1e-3, save_steps: 2, logging_steps: 1}
              lora: {type: sft, model: $model, adapter: {r: 2, target_modules: all-linear}, dataset: DATA/demonstrations.jsonl, max_steps: 1, batch_size: 2, max_length: 64, learning_rate: 1e-3}
              reward: {type: reward, model: sft, dataset: DATA/rankings.jsonl, max_steps: 1, batch_size: 2, max_length: 64, learning_rate: 1e-3}
              dpo: {type: dpo, model: sft, dataset: DATA/pairs.jsonl, loss_type: [sigmoid, ipo], loss_weights: [1, 0.5], max_steps: 1, batch_size: 2, max_length: 64}
            """;

    private final Path folder;

    Corpus(Path folder) {
        this.folder = folder;
    }

    Path of(String name) {
        return folder.resolve(name);
    }

    /** Makes them where that was not done to the end before. */
    void makeOnce() throws IOException {
        if (!Files.exists(folder.resolve(MARK))) {
            AtomicFiles.delete(folder);
            make();
        }
    }

    private void make() throws IOException {
        writeData();
        Path run = write(
                "pretrain.yaml",
                "name: tiny\nstages: {tiny: {type: pretrain, dataset: {path: 'synthetic:pretrain', limit: 100}, architecture: {hidden_size: 16,"
                        + " intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 192},"
                        + " tokenizer: {vocab_size: 300}, max_length: 64, batch_size: 4, max_steps: 2}}\n");
        done("run", run.toString(), "output_dir=" + folder.resolve("made"));
        Copies.copy(folder.resolve("made/tiny/tiny/model"), folder.resolve("model"));
        write("model/chat_template.jinja", TEMPLATE);
        Path chain =
                write("chain.yaml", RUN.replace("DATA", folder.resolve("data").toString()));
        done("run", chain.toString(), "output_dir=" + folder.resolve("runs"), "model=" + folder.resolve("model"));
        Copies.copy(folder.resolve("runs/chain/lora/adapter"), folder.resolve("adapter"));
        done("export", model(), "--out", folder.resolve("sharded").toString(), "--max-shard-size", "8KB");
        done(
                "export",
                model(),
                "--gguf",
                "Q8_0",
                "--out",
                folder.resolve("model.gguf").toString());
        Files.writeString(folder.resolve(MARK), "");
    }

    private void writeData() throws IOException {
        StringBuilder demonstrations = new StringBuilder();
        StringBuilder pairs = new StringBuilder();
        StringBuilder rankings = new StringBuilder();
        StringBuilder chats = new StringBuilder();
        StringBuilder labels = new StringBuilder();
        StringBuilder crawl = new StringBuilder();
        StringBuilder csv = new StringBuilder("prompt,completion,score\r\n");
        for (int i = 0; i < 6; i++) {
            demonstrations.append("{\"prompt\": \"Where is %d?\", \"completion\": \" Here, caf\u00e9.\", \"n\": %d}\n"
                    .formatted(i, i));
            pairs.append("{\"prompt\": \"Is %d?\", \"chosen\": \" yes\", \"rejected\": \" no\"}\n".formatted(i));
            rankings.append("{\"prompt\": \"Is %d?\", \"responses\": [\" a\", \" b\", \" c\"], \"ranks\": [1, 2, 2]}\n"
                    .formatted(i));
            chats.append(
                    "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi %d\"}, {\"role\": \"assistant\", \"content\": \"Ho\"}]}\n"
                            .formatted(i));
            labels.append(
                    "{\"prompt\": \"Is %d?\", \"completion\": \" yes\", \"label\": %b}\n".formatted(i, i % 2 == 0));
            crawl.append(
                    "{\"text\": \"The cat number %d sat on the mat with a hat.\", \"url\": \"https://a.example/p/%d\", \"score\": %d}\n"
                            .formatted(i, i, i));
            csv.append("\"Where, is \"\"%d\"\"?\",\" Here\nand there\",%d\r\n".formatted(i, i));
        }
        write("data/demonstrations.jsonl", demonstrations.toString());
        write("data/pairs.jsonl", pairs.toString());
        write("data/rankings.jsonl", rankings.toString());
        write("data/chats.jsonl", chats.toString());
        write("data/labels.jsonl", labels.toString());
        write("data/crawl.jsonl", crawl.toString());
        write("data/table.csv", csv.toString());
        byte[] plain = demonstrations.toString().getBytes(StandardCharsets.UTF_8);
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(of("data/rows.jsonl.gz")))) {
            gzip.write(plain);
        }
        Files.write(of("data/rows.jsonl.zst"), Zstd.compress(plain));
        write("data/array.json", "[" + pairs.toString().strip().replace("\n", ",\n") + "]");
        write(
                "data/robots.jsonl",
                "{\"url\": \"https://a.example/\", \"robots\": \"User-agent: *\\nDisallow: /p/1\\nAllow: /p/*2$\", \"status\": 200}\n"
                        + "{\"host\": \"b.example\", \"robots\": \"\", \"status\": 503}\n");
        write(
                "data/rollouts.jsonl",
                ("{\"prompt\": \"a\", \"prompt_ids\": [5, 6], \"completions\": [{\"ids\": [7, 2], \"reward\": 1, \"log_probs\": [-0.1, -0.2]}, "
                                + "{\"ids\": [8], \"reward\": 0.5, \"log_probs\": [-0.3]}]}\n")
                        .repeat(2));
        write("grpo.yaml", "name: g\nstages: {grpo: {type: grpo, num_generations: 2, batch_size: 1, max_steps: 1}}\n");
        write("data/ids.jsonl", "{\"ids\": [1, 2, 3]}\n{\"ids\": [4]}\n");
        write(
                "data/schema.json",
                "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"integer\", \"minimum\": 0}, \"b\": {\"enum\": [\"x\", \"y\"]}, "
                        + "\"c\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/d\"}, \"maxItems\": 2}}, \"required\": [\"a\"], \"$defs\": {\"d\": {\"type\": \"string\", "
                        + "\"pattern\": \"^[a-c]+$\"}}, \"additionalProperties\": false}");
        write(
                "filter.yaml",
                "name: f\nstages:\n  clean:\n    type: filter\n    dataset: crawl.jsonl\n    max_doc_words: 900\n    min_columns: {score: 1}\n"
                        + "    robots: {files: " + folder.resolve("data/robots.jsonl")
                        + ", agent: GPTBot}\n    exact_dedup: true\n    group_by: url\n    min_doc_words: 2\n");
        write(
                "experiment.yaml",
                "name: e\nseed: 3\nexperiment:\n  grid: {dpo.beta: [0.1, 0.5], seed: [1, 2]}\n  metrics: [dpo.loss]\nstages:\n  dpo: {type: dpo, model: "
                        + folder.resolve("model") + ", dataset: " + folder.resolve("data/pairs.jsonl")
                        + ", max_steps: 1, batch_size: 2, max_length: 64}\n");
        if (Files.exists(WARC)) {
            Files.copy(WARC, of("data/pages.warc.gz"));
            try (InputStream archive = new GZIPInputStream(Files.newInputStream(WARC))) {
                Files.copy(archive, of("data/pages.warc"));
            }
        }
        if (Files.isDirectory(PARQUET)) {
            Path to = Files.createDirectories(folder.resolve("data/parquet"));
            for (String name : List.of("types", "gzip", "snappy", "zstd", "lz4")) {
                Files.copy(PARQUET.resolve(name + ".parquet"), to.resolve(name + ".parquet"));
            }
        }
    }

    private String model() {
        return folder.resolve("model").toString();
    }

    /** Every input with the command that reads it. */
    Map<String, Target> targets() {
        List<Target> all = new ArrayList<>();
        List<String> inspectModel = List.of("inspect", "$folder");
        List<String> generate =
                List.of("generate", "--model", "$folder", "--prompt", "Hi", "--max-new-tokens", "2", "--chat");
        List<String> tokenize = List.of(
                "tokenize",
                "--model",
                "$folder",
                "--data",
                of("data/chats.jsonl").toString(),
                "--out",
                "$out");
        all.add(new Target("config.json", Form.JSON, "model", "config.json", generate));
        all.add(new Target("config.json, plan", Form.JSON, "model", "config.json", List.of("plan", "$folder")));
        all.add(new Target("config.json, inspect", Form.JSON, "model", "config.json", inspectModel));
        all.add(new Target("generation_config.json", Form.JSON, "model", "generation_config.json", generate));
        all.add(new Target("tokenizer.json", Form.JSON, "model", "tokenizer.json", tokenize));
        all.add(new Target("tokenizer_config.json", Form.JSON, "model", "tokenizer_config.json", tokenize));
        all.add(new Target("chat_template.jinja", Form.TEXT, "model", "chat_template.jinja", tokenize));
        all.add(new Target("model.safetensors", Form.BINARY, "model", "model.safetensors", generate));
        all.add(new Target("index.json", Form.JSON, "sharded", "model.safetensors.index.json", generate));
        all.add(new Target("GGUF", Form.BINARY, "", "model.gguf", List.of("inspect", "$file")));
        all.add(new Target(
                "GGUF, generate",
                Form.BINARY,
                "",
                "model.gguf",
                List.of("generate", "--model", "$file", "--prompt", "Hi", "--max-new-tokens", "2")));
        List<String> adapted = List.of(
                "generate", "--model", model(), "--adapter", "$folder", "--prompt", "Hi", "--max-new-tokens", "2");
        all.add(new Target("adapter_config.json", Form.JSON, "adapter", "adapter_config.json", adapted));
        all.add(new Target("adapter_model.safetensors", Form.BINARY, "adapter", "adapter_model.safetensors", adapted));
        List<String> dryRun = List.of("run", "$file", "--dry-run", "output_dir=$out", "model=" + model());
        all.add(new Target("run file", Form.TEXT, "", "chain.yaml", dryRun));
        all.add(new Target(
                "experiment",
                Form.TEXT,
                "",
                "experiment.yaml",
                List.of("run", "$file", "--dry-run", "output_dir=$out")));
        for (String kind : List.of("demonstrations", "pairs", "rankings", "chats", "labels")) {
            all.add(new Target(
                    kind + ".jsonl",
                    Form.JSON_LINES,
                    "data",
                    kind + ".jsonl",
                    List.of("export", "$file", "--out", "$out/rows.jsonl")));
        }
        all.add(new Target("array.json", Form.JSON, "data", "array.json", List.of("inspect", "$file")));
        all.add(new Target(
                "table.csv", Form.TEXT, "data", "table.csv", List.of("inspect", "$file", "--model", model())));
        for (String name : List.of("types", "gzip", "snappy", "zstd", "lz4")) {
            all.add(new Target(
                    name + ".parquet",
                    Form.BINARY,
                    "data/parquet",
                    name + ".parquet",
                    List.of("export", "$file", "--out", "$out/rows.jsonl")));
        }
        for (String name : List.of("rows.jsonl.gz", "rows.jsonl.zst", "pages.warc.gz", "pages.warc")) {
            all.add(new Target(
                    name, Form.BINARY, "data", name, List.of("export", "$file", "--out", "$out/rows.jsonl")));
        }
        for (String trained : List.of("sft", "reward", "dpo")) {
            String data = Map.of("sft", "demonstrations", "reward", "rankings", "dpo", "pairs")
                    .get(trained);
            all.add(new Target(
                    data + ".jsonl, training",
                    Form.JSON_LINES,
                    "data",
                    data + ".jsonl",
                    List.of(
                            "run",
                            "$one/" + trained + ".yaml",
                            "output_dir=$out",
                            "dataset=$file",
                            "model=" + model())));
        }
        all.add(new Target(
                "rollouts.jsonl, training",
                Form.JSON_LINES,
                "data",
                "rollouts.jsonl",
                List.of(
                        "run",
                        of("grpo.yaml").toString(),
                        "output_dir=$out",
                        "grpo.rollouts=$file",
                        "grpo.model=" + model())));
        all.add(new Target(
                "crawl.jsonl",
                Form.JSON_LINES,
                "data",
                "crawl.jsonl",
                List.of(
                        "run",
                        of("filter.yaml").toString(),
                        "output_dir=$out",
                        "clean.dataset=$file",
                        "clean.robots={files: " + of("data/robots.jsonl") + ", agent: GPTBot}")));
        all.add(new Target(
                "robots.jsonl",
                Form.JSON_LINES,
                "data",
                "robots.jsonl",
                List.of(
                        "run",
                        of("filter.yaml").toString(),
                        "output_dir=$out",
                        "clean.dataset=" + of("data/crawl.jsonl"),
                        "clean.robots={files: $file, agent: GPTBot}")));
        all.add(new Target(
                "filter.yaml",
                Form.TEXT,
                "",
                "filter.yaml",
                List.of("run", "$file", "output_dir=$out", "clean.dataset=" + of("data/crawl.jsonl"))));
        all.add(new Target(
                "--data of score",
                Form.JSON_LINES,
                "data",
                "demonstrations.jsonl",
                List.of("score", "--model", model(), "--data", "$file", "--out", "$out/scores.jsonl")));
        all.add(new Target(
                "--data of tokenize",
                Form.JSON_LINES,
                "data",
                "ids.jsonl",
                List.of("tokenize", "--model", model(), "--data", "$file", "--out", "$out/texts.jsonl")));
        all.add(new Target(
                "--data of generate",
                Form.JSON_LINES,
                "data",
                "chats.jsonl",
                List.of(
                        "generate",
                        "--model",
                        model(),
                        "--data",
                        "$file",
                        "--max-new-tokens",
                        "1",
                        "--out",
                        "$out/texts.jsonl")));
        all.add(new Target(
                "--json-schema",
                Form.JSON,
                "data",
                "schema.json",
                List.of(
                        "generate",
                        "--model",
                        model(),
                        "--prompt",
                        "Hi",
                        "--max-new-tokens",
                        "3",
                        "--json-schema",
                        "$file")));
        for (String state :
                List.of("sft/done.json", "sft/metrics.jsonl", "summary.json", "sft/config.yaml", "sft/samples.jsonl")) {
            Form form = state.endsWith("jsonl") ? Form.JSON_LINES : state.endsWith("yaml") ? Form.TEXT : Form.JSON;
            all.add(new Target(
                    state + ", compare",
                    form,
                    "runs/chain",
                    state,
                    List.of("compare", "$folder", of("runs/chain").toString(), "--out", "$out/c")));
            all.add(new Target(
                    state + ", resume",
                    form,
                    "runs/chain",
                    state,
                    List.of(
                            "run",
                            of("chain.yaml").toString(),
                            "name=$name",
                            "output_dir=$parent",
                            "model=" + model(),
                            "--resume")));
            all.add(new Target(state + ", inspect", form, "runs/chain", state, List.of("inspect", "$folder")));
        }
        Map<String, Target> byName = new TreeMap<>();
        all.forEach(target -> byName.put(target.name(), target));
        return byName;
    }

    private void done(String... command) {
        InProcess.Result result = InProcess.run(List.of(command));
        if (result.code() != 0) {
            throw new IllegalStateException(String.join(" ", command) + "\n" + result.err());
        }
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    }
}
