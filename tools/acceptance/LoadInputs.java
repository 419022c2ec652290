import java.io.BufferedWriter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Inputs and clients of tools/load: java LoadInputs.java rows|text|tokenizer|stages|requests ... */
public final class LoadInputs {
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static final String[] WORDS = ("the of and to in is that it was for on are as with his they at be this from or had by hot but some what there we can"
                    + " out other were all your when up use word how said an each she which do their time if will way about many then them")
            .split(" ");

    private LoadInputs() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "rows" -> rows(arguments[1], Long.parseLong(arguments[2]), Path.of(arguments[3]));
            case "text" -> text(Long.parseLong(arguments[1]), Path.of(arguments[2]));
            case "tokenizer" -> tokenizer(Integer.parseInt(arguments[1]), Path.of(arguments[2]));
            case "stages" -> stages(Integer.parseInt(arguments[1]), arguments[2], arguments[3], Path.of(arguments[4]));
            case "requests" -> requests(Integer.parseInt(arguments[1]), arguments[2], arguments[3], arguments[4]);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static String words(long number, int count) {
        StringBuilder text = new StringBuilder();
        long state = number * 0x9E3779B97F4A7C15L + 1;
        for (int i = 0; i < count; i++) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            text.append(i == 0 ? "" : " ").append(WORDS[(int) ((state >>> 33) % WORDS.length)]);
        }
        return text.toString();
    }

    /** Rows of sft or dpo, each another one. */
    private static void rows(String kind, long count, Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (long i = 0; i < count; i++) {
                String prompt = "{\"prompt\": \"Question " + i + ": " + words(i, 8) + "?\", ";
                out.write(
                        kind.equals("dpo")
                                ? prompt + "\"chosen\": \" " + words(i + 1, 8) + "\", \"rejected\": \" " + words(i + 2, 8) + "\"}\n"
                                : prompt + "\"completion\": \" " + words(i + 1, 8) + "\"}\n");
            }
        }
    }

    /** Texts as JSON lines, so many bytes together. */
    private static void text(long bytes, Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            long written = 0;
            for (long i = 0; written < bytes; i++) {
                String line = "{\"text\": \"" + i + " " + words(i, 300) + ".\"}\n";
                out.write(line);
                written += line.length();
            }
        }
    }

    /** A byte-level BPE tokenizer of so many tokens: pairs, triples and more of letters and digits. */
    private static void tokenizer(int size, Path folder) throws IOException {
        Files.createDirectories(folder);
        Set<String> vocabulary = new LinkedHashSet<>(List.of("<|endoftext|>"));
        int others = 0;
        for (int b = 0; b < 256; b++) {
            boolean isPrintable = b >= 33 && b <= 126 || b >= 161 && b <= 172 || b >= 174;
            vocabulary.add(String.valueOf((char) (isPrintable ? b : 256 + others++)));
        }
        List<String> merges = new ArrayList<>();
        List<String> level = LETTERS.chars().mapToObj(c -> String.valueOf((char) c)).toList();
        while (vocabulary.size() < size) {
            List<String> next = new ArrayList<>();
            for (String left : level) {
                for (int i = 0; i < LETTERS.length() && vocabulary.size() < size; i++) {
                    String right = LETTERS.substring(i, i + 1);
                    if (vocabulary.add(left + right)) {
                        merges.add("[\"" + left + "\", \"" + right + "\"]");
                        next.add(left + right);
                    }
                }
            }
            level = next;
        }
        StringBuilder json = new StringBuilder("{\"version\": \"1.0\", \"truncation\": null, \"padding\": null, \"added_tokens\": [{\"id\": 0, \"content\": \"<|endoftext|>\","
                + " \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": false, \"special\": true}], \"normalizer\": null,"
                + " \"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true, \"use_regex\": true}, \"post_processor\": null,"
                + " \"decoder\": {\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"trim_offsets\": true, \"use_regex\": true},"
                + " \"model\": {\"type\": \"BPE\", \"dropout\": null, \"unk_token\": null, \"continuing_subword_prefix\": null, \"end_of_word_suffix\": null,"
                + " \"fuse_unk\": false, \"byte_fallback\": false, \"ignore_merges\": false, \"vocab\": {");
        int id = 0;
        for (String token : vocabulary) {
            json.append(id == 0 ? "" : ", ")
                    .append('"')
                    .append(token.replace("\\", "\\\\").replace("\"", "\\\""))
                    .append("\": ")
                    .append(id++);
        }
        json.append("}, \"merges\": [").append(String.join(", ", merges)).append("]}}");
        Files.writeString(folder.resolve("tokenizer.json"), json);
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\": \"PreTrainedTokenizerFast\", \"eos_token\": \"<|endoftext|>\", \"bos_token\": \"<|endoftext|>\"}");
    }

    /** A run file of so many stages, each from the one before. */
    private static void stages(int count, String model, String data, Path file) throws IOException {
        StringBuilder yaml = new StringBuilder("name: stages\nstages:\n");
        for (int i = 1; i <= count; i++) {
            yaml.append("  s%d: {type: sft, model: %s, dataset: {path: %s, limit: 8}, max_length: 64, batch_size: 2, max_steps: 1, learning_rate: 1e-4}%n"
                    .formatted(i, i == 1 ? model : "s" + (i - 1), data));
        }
        Files.writeString(file, yaml);
    }

    /** So many requests at once: how many answers of each status, and the seconds that all took. A body of "-" asks by GET. */
    private static void requests(int count, String url, String token, String body) throws InterruptedException {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(500));
        if (!token.equals("-")) {
            request.header("Authorization", "Bearer " + token);
        }
        if (!body.equals("-")) {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        long start = System.nanoTime();
        Map<String, Integer> statuses = new TreeMap<>();
        List<CompletableFuture<String>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            answers.add(client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
                    .handle((answer, failure) -> answer != null
                            ? String.valueOf(answer.statusCode())
                            : String.valueOf(failure.getCause() == null ? failure : failure.getCause())));
        }
        answers.forEach(answer -> statuses.merge(answer.join(), 1, Integer::sum));
        System.out.printf("%s in %.1f s%n", statuses, (System.nanoTime() - start) / 1e9);
        System.exit(0);
    }
}
