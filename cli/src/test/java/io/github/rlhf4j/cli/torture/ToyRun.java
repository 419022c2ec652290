package io.github.rlhf4j.cli.torture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.cli.InProcess;
import io.github.rlhf4j.core.files.AtomicFiles;
import io.github.rlhf4j.core.files.Sha256;
import io.github.rlhf4j.testing.TinyData;
import io.github.rlhf4j.testing.TinyModel;
import io.github.rlhf4j.testing.disk.Disk;
import io.github.rlhf4j.testing.disk.DiskFault;
import io.github.rlhf4j.testing.disk.DiskKilled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A run of some seconds on models of some thousand weights, and what must be the same whatever happens to it. */
final class ToyRun {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Measured, or of this computer: different in each run. */
    private static final Set<String> CLOCKS = Set.of(
            "seconds",
            "prepare_seconds",
            "peak_rss_mb",
            "modified",
            "changed",
            "bytes",
            "own_sha256",
            "energy_consumed",
            "energy_source");

    private static final String SHORT = """
        name: toy
        seed: 3
        output_dir: $folder/runs
        stages:
          sft: {type: sft, model: $folder/model, dataset: $folder/demonstrations.jsonl, max_steps: 4, save_steps: 2, save_total_limit: 1, batch_size: 2, learning_rate: 1e-3, max_length: 48, logging_steps: 1}
          dpo: {type: dpo, model: sft, dataset: $folder/pairs.jsonl, max_steps: 3, save_steps: 1, save_total_limit: 2, batch_size: 2, learning_rate: 1e-3, max_length: 48, logging_steps: 1}
        """;

    private static final String GRID = "experiment: {grid: {dpo.beta: [0.1, 0.5]}, metrics: [dpo.loss]}\n";

    private static final String PARTS = """
        name: toy
        seed: 3
        output_dir: $folder/runs
        stages:
          replicas: {type: sft, model: $folder/model, dataset: $folder/demonstrations.jsonl, replicas: 2, local_steps: 2, max_steps: 6, save_steps: 1, save_total_limit: 2, batch_size: 2, learning_rate: 1e-3, max_length: 48, logging_steps: 1}
          shards: {type: sft, model: replicas, dataset: $folder/demonstrations.jsonl, shards: 2, max_steps: 3, save_steps: 1, save_total_limit: 2, batch_size: 2, learning_rate: 1e-3, max_length: 48, logging_steps: 1}
        """;

    private static final String SAMPLED = """
        name: toy
        seed: 3
        output_dir: $folder/runs
        stages:
          reward: {type: reward, model: $folder/model, dataset: $folder/pairs.jsonl, max_steps: 1, save_steps: 1, batch_size: 2, max_length: 48, logging_steps: 1, statistics_rows: 4}
          grpo: {type: grpo, model: $folder/model, reward_model: reward, dataset: $folder/prompts.jsonl, max_steps: 6, save_steps: 1, save_total_limit: 1, batch_size: 4, num_generations: 2, max_completion_length: 4, logging_steps: 1}
        """;

    private static final String WHOLE = """
        name: toy
        seed: 3
        output_dir: $folder/runs
        stages:
          clean: {type: filter, dataset: $folder/texts.jsonl, max_doc_words: 100}
          pretrain: {type: pretrain, dataset: $folder/texts.jsonl, architecture: {hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 192}, tokenizer: {vocab_size: 280}, max_length: 48, max_steps: 2, save_steps: 1, batch_size: 2, logging_steps: 1}
          sft: {type: sft, model: pretrain, dataset: $folder/demonstrations.jsonl, max_steps: 2, save_steps: 1, batch_size: 2, learning_rate: 1e-3, max_length: 48, logging_steps: 1}
          adapter: {type: sft, model: sft, dataset: $folder/demonstrations.jsonl, adapter: {r: 4}, max_steps: 2, save_steps: 1, batch_size: 2, learning_rate: 1e-3, max_length: 48, logging_steps: 1}
          reward: {type: reward, model: sft, dataset: $folder/pairs.jsonl, max_steps: 2, save_steps: 1, batch_size: 2, max_length: 48, logging_steps: 1, statistics_rows: 4}
          process: {type: process_reward, model: sft, dataset: $folder/steps.jsonl, max_steps: 2, save_steps: 1, batch_size: 2, max_length: 64, logging_steps: 1}
          dpo: {type: dpo, model: sft, dataset: $folder/pairs.jsonl, max_steps: 2, save_steps: 1, batch_size: 2, learning_rate: 1e-3, max_length: 48, logging_steps: 1}
          kto: {type: kto, model: sft, dataset: $folder/unpaired.jsonl, max_steps: 2, save_steps: 1, batch_size: 2, learning_rate: 1e-3, max_length: 48, logging_steps: 1}
          online: {type: online_dpo, model: sft, reward_model: reward, dataset: $folder/prompts.jsonl, max_steps: 2, save_steps: 1, batch_size: 2, max_new_tokens: 4, logging_steps: 1}
          ppo: {type: ppo, model: sft, reward_model: reward, dataset: $folder/prompts.jsonl, max_steps: 2, save_steps: 1, batch_size: 4, num_mini_batches: 2, response_length: 4, logging_steps: 1}
          grpo: {type: grpo, model: sft, reward_model: reward, dataset: $folder/prompts.jsonl, max_steps: 2, save_steps: 1, batch_size: 4, num_generations: 2, max_completion_length: 4, logging_steps: 1}
          rloo: {type: rloo, model: sft, reward_model: reward, dataset: $folder/prompts.jsonl, max_steps: 2, save_steps: 1, batch_size: 4, num_generations: 2, max_completion_length: 4, logging_steps: 1}
          best: {type: best_of_n, model: sft, reward_model: reward, dataset: $folder/prompts.jsonl, num_generations: 2, max_new_tokens: 4, batch_size: 4, rounds: 2, prompts_per_round: 6}
          small: {type: distill, model: sft, teacher_model: dpo, dataset: $folder/demonstrations.jsonl, lmbda: 0.5, max_steps: 2, save_steps: 1, batch_size: 2, max_new_tokens: 4, logging_steps: 1}
          judged: {type: judge, model: sft, dataset: {path: 'synthetic:prompts', limit: 12}, judge: {synthetic: {error_rate: 0.2}}, num_generations: 2, max_new_tokens: 4, batch_size: 4}
          revised: {type: revise, model: sft, dataset: {path: 'synthetic:prompts', limit: 12}, critic: {synthetic: {error_rate: 0.2}}, max_new_tokens: 4, batch_size: 4}
          replicas: {type: sft, model: pretrain, dataset: $folder/demonstrations.jsonl, replicas: 2, local_steps: 2, max_steps: 4, save_steps: 1, batch_size: 2, learning_rate: 1e-3, max_length: 48, logging_steps: 1}
          shards: {type: sft, model: pretrain, dataset: $folder/demonstrations.jsonl, shards: 2, max_steps: 2, save_steps: 1, batch_size: 2, learning_rate: 1e-3, max_length: 48, logging_steps: 1}
          evaluate: {type: evaluate, models: [sft, dpo], baseline: sft, dataset: $folder/prompts.jsonl, reward_model: reward, max_new_tokens: 4}
        """;

    private static final String PAGE = """
        title: Rates
        question: How low?
        expectations: [Low.]
        run: run.yaml
        base: {grid: {beta: [{name: small, dpo.beta: 0.1}, {name: large, dpo.beta: 0.5}]}, metrics: [dpo.loss]}
        quick: {seeds: 1}
        full: {seeds: 3}
        pictures: [{name: loss, kind: bars, title: Loss, x: beta, y: dpo.loss}]
        claims: [{says: There is a loss, of: {metric: dpo.loss}, above: 0}]
        """;

    private final Path folder;
    private final List<String> command;
    private final List<String> options;
    private final int threads;

    private ToyRun(Path folder, List<String> command, List<String> options, int threads) {
        this.folder = folder;
        this.command = command;
        this.options = options;
        this.threads = threads;
    }

    /** A stage of two types with checkpoints. */
    static ToyRun small(Path folder) throws IOException {
        return write(folder, SHORT);
    }

    /** Replicas, with a kill in mid-round, and shards. */
    static ToyRun parts(Path folder) throws IOException {
        return write(folder, PARTS);
    }

    /** Every stage type, one with an adapter, one with replicas and one with shards. */
    static ToyRun whole(Path folder) throws IOException {
        return write(folder, WHOLE);
    }

    /** Two of the first, two at a time, which share a stage. */
    static ToyRun experiment(Path folder) throws IOException {
        return write(folder, SHORT + GRID).with("--jobs", "2");
    }

    /** The same, a run a task of two worker processes. */
    static ToyRun experimentOnWorkers(Path folder) throws IOException {
        return write(folder, SHORT + GRID).with("--cluster", "processes:2");
    }

    /** So many runs of every stage type, of different seeds and all at once, in one process. */
    static ToyRun fleet(Path folder, int runs) throws IOException {
        String seeds = IntStream.rangeClosed(1, runs).mapToObj(String::valueOf).collect(Collectors.joining(", "));
        return write(folder, WHOLE + "experiment: {grid: {seed: [" + seeds + "]}, metrics: [dpo.loss]}\n")
                .with("--jobs", String.valueOf(runs));
    }

    /** How many runs say that they are at work: the run itself, or those of an experiment. */
    int cut() throws IOException {
        if (!Files.isDirectory(directory())) {
            return 0;
        }
        int cut = 0;
        try (Stream<Path> paths = Files.walk(directory(), 2)) {
            for (Path process : paths.filter(path -> path.endsWith(".process"))
                    .filter(path -> Files.exists(path.resolveSibling(".rlhf4j")))
                    .toList()) {
                cut += Files.readString(process).contains("\"state\":\"running\"") ? 1 : 0;
            }
        }
        return cut;
    }

    /** Stages that sample and score on two worker processes. */
    static ToyRun workers(Path folder) throws IOException {
        return write(folder, SAMPLED).with("--cluster", "processes:2");
    }

    /** Two of the first, as a page of the lab measures them; the lab must be on the class path. */
    static ToyRun lab(Path folder) throws IOException {
        ToyRun run = write(folder, SHORT);
        Path page = Files.createDirectories(folder.resolve("page"));
        Files.writeString(page.resolve("page.yaml"), PAGE);
        Files.writeString(
                page.resolve("run.yaml"),
                SHORT.replace("$folder", folder.toString()).replaceAll("(?m)^(name|seed|output_dir):.*\n", ""));
        return new ToyRun(
                folder, List.of("lab", page.toString(), "--out", run.directory().toString()), List.of(), 1);
    }

    private static ToyRun write(Path folder, String text) throws IOException {
        AtomicFiles.delete(folder);
        Files.createDirectories(folder);
        TinyModel.llama().write(folder.resolve("model"));
        for (TinyData data : TinyData.values()) {
            data.write(folder);
        }
        List<String> steps = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            steps.add(
                    "{\"prompt\": \"Is %d red?\", \"completions\": [\"It is %d.\", \"It is.\"], \"labels\": [true, %b]}"
                            .formatted(i, i, i % 2 == 0));
        }
        Files.write(folder.resolve("steps.jsonl"), steps);
        Files.writeString(folder.resolve("run.yaml"), text.replace("$folder", folder.toString()));
        return new ToyRun(folder, List.of("run", folder.resolve("run.yaml").toString()), List.of(), 1);
    }

    /** The same run in its folder, with more options of the command line. */
    ToyRun with(String... more) {
        return new ToyRun(folder, command, List.of(more), threads);
    }

    /** The same run in its folder, with another number of threads. */
    ToyRun withThreads(int number) {
        return new ToyRun(folder, command, options, number);
    }

    /** Where the run is. */
    Path directory() {
        return runs().resolve("toy");
    }

    /** The folder of models, data and run. */
    Path folder() {
        return folder;
    }

    /** The folder of runs: all that a run changes. */
    Path runs() {
        return folder.resolve("runs");
    }

    List<String> arguments(String... more) {
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(List.of("--threads", String.valueOf(threads)));
        arguments.addAll(options);
        arguments.addAll(List.of(more));
        return arguments;
    }

    /** Runs it in this process. */
    InProcess.Result run(String... more) {
        return InProcess.run(arguments(more));
    }

    /** Runs it in this process on a disk that fails; whether that has killed it. */
    boolean dies(DiskFault fault, String... more) throws IOException {
        Disk.OF_THIS_PROCESS.watch(runs(), fault);
        try {
            run(more);
        } catch (DiskKilled e) {
            // as it should be
        }
        boolean dead = Disk.OF_THIS_PROCESS.isDead();
        Disk.OF_THIS_PROCESS.release();
        return dead;
    }

    void clear() {
        AtomicFiles.delete(runs());
    }

    /** Digests of weights, metrics, samples, made data, configs and, without what a clock says, of summaries. */
    Map<String, String> results() throws IOException {
        Map<String, String> results = new TreeMap<>();
        Path directory = directory();
        if (!Files.isDirectory(directory)) {
            return results;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                String name = directory.relativize(path).toString();
                if (counts(name)) {
                    results.put(name, digest(path));
                }
            }
        }
        return results;
    }

    private static boolean counts(String name) {
        return !name.matches("(.*/)?cache/.*")
                && !name.matches("(.*/)?\\..*")
                && !name.contains("/checkpoints/")
                && !name.matches(
                        "(.*/)?(timing\\.jsonl|events\\.out.*|run\\.log|report\\.html|messages\\.jsonl|.*/README\\.md|provenance\\.json)")
                && !name.startsWith("figures/");
    }

    private static String digest(Path file) throws IOException {
        if (file.toString().endsWith("summary.json") || file.toString().endsWith("done.json")) {
            JsonNode tree = MAPPER.readTree(Files.readAllBytes(file));
            withoutClocks(tree);
            return new Sha256().add(tree.toString()).hex();
        }
        return new Sha256().add(Files.readAllBytes(file)).hex();
    }

    private static void withoutClocks(JsonNode tree) {
        if (tree instanceof ObjectNode object) {
            object.remove(CLOCKS);
            object.path("files").properties().removeIf(file -> !counts("x/" + file.getKey()));
        }
        tree.forEach(ToyRun::withoutClocks);
    }

    /** Names of temporaries, of cache entries and others, that are left in the run's folder. */
    List<String> leftovers() throws IOException {
        if (!Files.isDirectory(directory())) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(directory())) {
            return paths.map(path -> directory().relativize(path).toString())
                    .filter(name -> name.contains(".tmp") && !name.matches("(.*/)?cache/.*")
                            || name.matches("(.*/)?\\.(previous|setting-aside|discarded)(/.*)?"))
                    .sorted()
                    .toList();
        }
    }
}
