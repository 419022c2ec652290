import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.core.kernels.Kernels;
import io.github.rlhf4j.core.kernels.nd4j.Nd4jKernels;
import io.github.rlhf4j.core.model.ForwardRequest;
import io.github.rlhf4j.core.model.Head;
import io.github.rlhf4j.core.model.Outputs;
import io.github.rlhf4j.core.model.PackedBatch;
import io.github.rlhf4j.core.model.Parameter;
import io.github.rlhf4j.core.model.TokenSequence;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tensor.DataType;
import io.github.rlhf4j.core.tensor.NativeMemory;
import io.github.rlhf4j.core.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * What the commands do not print of a model: writes FOLDER/numbers-KERNELS.json with token log-probs, last logits, loss and the L2 norm of every gradient on the
 * sequences of FOLDER/expected.json. With a FOLDER/classifier its scores as well, and both models are written again: FOLDER/ours and FOLDER/ours-classifier.
 *
 * <p>Use: java -cp CLASS_PATH ModelNumbers.java cpu|nd4j FOLDER...
 */
final class ModelNumbers {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws IOException {
        try (CpuKernels cpu = new CpuKernels(1)) {
            Kernels kernels = arguments[0].equals("cpu") ? cpu : new Nd4jKernels(DataType.FLOAT);
            for (String name : Arrays.asList(arguments).subList(1, arguments.length)) {
                Path folder = Path.of(name);
                ObjectNode numbers = JSON.createObjectNode();
                List<int[]> sequences = sequences(folder);
                languageModel(folder, sequences, kernels, numbers);
                if (Files.exists(folder.resolve("classifier"))) {
                    classifier(folder, sequences, kernels, numbers);
                }
                JSON.writeValue(folder.resolve("numbers-" + arguments[0] + ".json").toFile(), numbers);
            }
        }
    }

    private static List<int[]> sequences(Path folder) throws IOException {
        JsonNode expected = JSON.readTree(folder.resolve("expected.json").toFile());
        JsonNode ids = expected.has("sequences") ? expected.path("sequences") : expected.path("input_ids");
        return StreamSupport.stream(ids.spliterator(), false)
                .map(row -> JSON.convertValue(row, int[].class))
                .toList();
    }

    private static void languageModel(Path folder, List<int[]> sequences, Kernels kernels, ObjectNode numbers) {
        try (Transformer model = Transformer.load(folder, EnumSet.of(Head.LANGUAGE), kernels)) {
            model.parameters().enableGradients();
            PackedBatch batch = PackedBatch.ofSingles(sequences.stream().map(TokenSequence::all).toList());
            double[] dLogProbs = new double[batch.targets()];
            Arrays.fill(dLogProbs, -1.0 / batch.targets());
            Outputs out = new Outputs();
            model.forwardBackward(batch, ForwardRequest.logProbs(), dLogProbs, out);
            double[] logProbs = Arrays.copyOf(out.logProbs(), batch.targets());
            numbers.set("log_probs", JSON.valueToTree(logProbs));
            numbers.put("loss", -Arrays.stream(logProbs).average().orElseThrow());
            ObjectNode gradients = numbers.putObject("grad_l2");
            for (Parameter parameter : model.parameters().all()) {
                Tensor gradient = parameter.gradient().orElseThrow();
                gradients.put(parameter.name(), Math.sqrt(kernels.sumOfSquares(gradient)));
            }
            numbers.set("last_logits", JSON.valueToTree(sequences.stream().map(ids -> lastLogits(model, ids)).toList()));
            if (Files.exists(folder.resolve("classifier"))) {
                model.save(folder.resolve("ours"), Optional.empty());
            }
        }
    }

    private static double[] lastLogits(Transformer model, int[] ids) {
        PackedBatch batch = PackedBatch.ofSingles(List.of(new TokenSequence(ids, new int[0], new int[0])));
        try (NativeMemory memory = new NativeMemory()) {
            Tensor logits = memory.allocate(DataType.FLOAT, 1, model.config().vocabSize());
            model.logits(batch, new int[] {ids.length - 1}, logits);
            double[] values = new double[model.config().vocabSize()];
            Arrays.setAll(values, token -> logits.get(0, token));
            return values;
        }
    }

    private static void classifier(Path folder, List<int[]> sequences, Kernels kernels, ObjectNode numbers) {
        try (Transformer model = Transformer.load(folder.resolve("classifier"), EnumSet.of(Head.SCALAR), kernels)) {
            Outputs out = new Outputs();
            PackedBatch batch = PackedBatch.ofSingles(
                    sequences.stream().map(TokenSequence::scoredAtEnd).toList());
            model.forward(batch, ForwardRequest.scores(), out);
            numbers.set("scores", JSON.valueToTree(Arrays.copyOf(out.scalars(), sequences.size())));
            model.save(folder.resolve("ours-classifier"), Optional.empty());
        }
    }
}
