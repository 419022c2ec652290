package io.github.rlhf4j.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.AdapterDirectory;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.files.TensorEntry;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An adapter on experts as peft writes it since transformers has all experts of a layer in one tensor ({@code target_parameters}), taken apart into one of each expert, as peft had it before and reads it too.
 *
 * <p>Of E experts, A is (E r, inputs), expert after expert, and B is (outputs, r E), where expert e has every E-th column from e on; gate and up share an A. The rank of all becomes the largest one; what is added is zero.
 */
final class FusedExperts {
    private static final Pattern EXPERTS =
            Pattern.compile("(base_model\\.model\\..*)mlp\\.experts\\.(base_layer\\.)?lora_A\\.weight");
    private static final Pattern ROUTER = Pattern.compile("(base_model\\.model\\..*)mlp\\.gate\\.lora_([AB])\\.weight");
    private static final String UP = ".lora_B.weight";
    private static final String DOWN = ".lora_A.weight";

    private final SafetensorsReader reader;
    private final ModelConfig model;
    private final TensorNames.FeedForwardNames names;
    private final int experts;
    private final int rank; // of all
    private final List<TensorEntry> entries = new ArrayList<>();
    private final Set<String> targets = new TreeSet<>();

    private FusedExperts(SafetensorsReader reader, ModelConfig model) {
        this.reader = reader;
        this.model = model;
        names = model.family().names().feedForward();
        experts = model.feedForward().experts();
        rank = reader.names().stream()
                .filter(name -> name.endsWith(DOWN))
                .mapToInt(name ->
                        (int) reader.shape(name)[0] / (EXPERTS.matcher(name).matches() ? experts : 1))
                .max()
                .orElse(1);
    }

    /** Whether it is one, for a model that has experts. */
    static boolean isOne(SafetensorsReader reader, ModelConfig model) {
        return model.feedForward().kind() == FeedForwardConfig.Kind.EXPERTS
                && reader.names().stream()
                        .anyMatch(name -> EXPERTS.matcher(name).matches()
                                || ROUTER.matcher(name).matches());
    }

    /**
     * Writes it taken apart.
     *
     * @throws UserError where its shapes are none of the model's, or modules have different scales
     */
    static void write(AdapterDirectory from, SafetensorsReader reader, ModelConfig model, Path to) {
        FusedExperts experts = new FusedExperts(reader, model);
        reader.names().forEach(experts::take);
        AdapterDirectory.write(to, experts.config(from), experts.entries);
    }

    private void take(String name) {
        Matcher ofExperts = EXPERTS.matcher(name);
        Matcher ofRouter = ROUTER.matcher(name);
        if (ofExperts.matches()) {
            takeExperts(name, ofExperts.group(1));
        } else if (ofRouter.matches()) {
            add(ofRouter.group(1) + names.router() + ".lora_" + ofRouter.group(2) + ".weight", name);
        } else if (!EXPERTS.matcher(name.replace(UP, DOWN)).matches()) {
            add(name, name);
        }
    }

    /** A tensor of one module under a name, filled up to the rank of all. */
    private void add(String as, String name) {
        long[] shape = reader.shape(name);
        float[] values = read(name);
        if (name.endsWith(DOWN)) {
            add(as, padded(values, (int) shape[0], (int) shape[1], rank, (int) shape[1]), rank, shape[1]);
            target(as);
        } else if (name.endsWith(UP)) {
            add(as, padded(values, (int) shape[0], (int) shape[1], (int) shape[0], rank), shape[0], rank);
        } else {
            add(as, values, shape);
        }
    }

    private void target(String name) {
        targets.add(AdapterLayout.shortName(name.substring(0, name.length() - DOWN.length())));
    }

    private void takeExperts(String name, String layer) {
        String upName = name.replace(DOWN, UP);
        long[] down = reader.shape(name);
        long[] up = reader.shape(upName);
        int hidden = model.hiddenSize();
        int inner = model.intermediateSize();
        boolean isDown = down[1] == inner && up[0] == hidden;
        boolean isGateUp = down[1] == hidden && up[0] == 2L * inner;
        if (isDown == isGateUp || down[0] % experts != 0 || up[1] != down[0]) {
            throw new UserError("the adapter's weight " + name + " does not fit the experts of the model");
        }
        int r = (int) down[0] / experts;
        List<String> modules = isDown ? List.of(names.down()) : names.hidden();
        int outputs = (int) up[0] / modules.size();
        float[] a = read(name);
        float[] b = read(upName);
        for (int expert = 0; expert < experts; expert++) {
            for (int part = 0; part < modules.size(); part++) {
                String module = layer + names.experts() + expert + "." + modules.get(part);
                int columns = (int) down[1];
                float[] ownA = new float[rank * columns];
                System.arraycopy(a, expert * r * columns, ownA, 0, r * columns);
                float[] ownB = new float[outputs * rank];
                for (int i = 0; i < outputs; i++) {
                    for (int k = 0; k < r; k++) {
                        ownB[i * rank + k] = b[(part * outputs + i) * r * experts + k * experts + expert];
                    }
                }
                add(module + DOWN, ownA, rank, columns);
                add(module + UP, ownB, outputs, rank);
                target(module + DOWN);
            }
        }
    }

    private float[] read(String name) {
        FloatBuffer out = FloatBuffer.allocate((int) reader.elements(name));
        reader.read(name, out);
        return out.array();
    }

    private static float[] padded(float[] values, int rows, int columns, int newRows, int newColumns) {
        float[] padded = new float[newRows * newColumns];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(values, i * columns, padded, i * newColumns, columns);
        }
        return padded;
    }

    private void add(String name, float[] values, long... shape) {
        entries.add(TensorEntry.of(name, sink -> sink.accept(FloatBuffer.wrap(values)), shape));
    }

    private ObjectNode config(AdapterDirectory from) {
        ObjectNode json = from.config();
        boolean roots = json.path("use_rslora").asBoolean(false);
        double scale = scale(json.path("lora_alpha").asDouble(), json.path("r").asDouble(), roots);
        json.path("rank_pattern").properties().forEach(entry -> {
            JsonNode alpha = json.path("alpha_pattern").path(entry.getKey());
            double own = scale(
                    alpha.asDouble(json.path("lora_alpha").asDouble()),
                    entry.getValue().asDouble(),
                    roots);
            if (Math.abs(own - scale) > 1e-9 * scale) {
                throw new UserError(from.configFile() + ": rank_pattern and alpha_pattern give " + entry.getKey()
                        + " another scale than the rest, which is not supported");
            }
        });
        json.put("r", rank);
        json.put("lora_alpha", scale * (roots ? Math.sqrt(rank) : rank));
        json.remove(List.of("rank_pattern", "alpha_pattern", "target_parameters"));
        targets.forEach(json.putArray("target_modules")::add);
        return json;
    }

    private static double scale(double alpha, double r, boolean roots) {
        return alpha / (roots ? Math.sqrt(r) : r);
    }
}
