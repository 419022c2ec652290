package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.model.ParameterLayout.Matrix;
import io.github.rlhf4j.core.model.ParameterLayout.Part;
import io.github.rlhf4j.core.model.ParameterLayout.Start;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Where an adapter's matrices are. What peft calls a module is a part of a matrix of ours: all modules of a matrix have their A in one matrix, since they multiply the same input, and each has a B of its own.
 *
 * @param parameters the adapter's own, under peft's names
 * @param modules by the key of the matrix that they are parts of, in the order of its rows
 * @param copies the keys of the adapter's copies, by the key of the model's matrix
 * @param mostOutputs of a layer that has a module
 */
record AdapterLayout(
        ParameterLayout parameters, Map<String, List<Module>> modules, Map<String, String> copies, int mostOutputs) {
    /** In front of a module's name in peft's files. */
    static final String PREFIX = "base_model.model.";

    private static final String DOWN = ".lora_A";
    private static final String UP = ".lora_B";
    private static final String LENGTHS = ParameterLayout.LENGTHS;
    private static final String WEIGHT = ".weight";

    /**
     * One module.
     *
     * @param first its first row of the matrix
     * @param outputs how many it has
     * @param firstRank its first row of the A of all modules
     */
    record Module(String name, int first, int outputs, int firstRank, int rank) {
        /** The row after its last. */
        int end() {
            return first + outputs;
        }

        int endRank() {
            return firstRank + rank;
        }

        /** The key of its B. */
        String up() {
            return name + UP;
        }

        /** The key of DoRA's lengths of its rows. */
        String lengths() {
            return name + LENGTHS;
        }
    }

    /**
     * The layout for what a config targets.
     *
     * @throws UserError where a name in it is none of the model's
     */
    static AdapterLayout of(ModelConfig model, Set<Head> heads, LoraConfig config) {
        TargetModules targets = config.targetsIn(model.family());
        Set<String> all = moduleNames(model, heads);
        targets.withoutModule(all).ifPresent(name -> {
            throw new UserError(
                    "target_modules: \"" + name + "\" is no linear layer of this model that an adapter can be on; "
                            + "there are " + String.join(", ", shortNames(all)));
        });
        return of(model, heads, config, targets::contains);
    }

    /**
     * The layout for the modules that {@code chosen} accepts.
     *
     * @throws UserError where what is to be saved is none of the model's, or has a low-rank term
     */
    static AdapterLayout of(ModelConfig model, Set<Head> heads, LoraConfig config, Predicate<String> chosen) {
        List<Matrix> matrices = new ArrayList<>();
        Map<String, List<Module>> modules = new LinkedHashMap<>();
        int mostOutputs = 0;
        for (Matrix matrix : adaptable(model, heads)) {
            List<Module> own = modules(matrix, config.r(), chosen);
            if (!own.isEmpty()) {
                requireRank(own, matrix.columns(), config);
                modules.put(matrix.key(), own);
                matrices.add(down(matrix, own, config.variant().init()));
                own.forEach(module -> matrices.add(up(module)));
                if (config.variant().useDora()) {
                    own.forEach(module -> matrices.add(lengths(module)));
                }
                mostOutputs = Math.max(mostOutputs, matrix.rows());
            }
        }
        Map<String, String> copies = new LinkedHashMap<>();
        SavedLayout.of(model, heads, config.saved()).copies().forEach((key, copy) -> {
            if (modules.containsKey(key)) {
                throw new UserError(
                        "modules_to_save: " + modules.get(key).get(0).name()
                                + " has an adapter by target_modules, so is not saved too: name it in one of the two");
            }
            matrices.add(copy);
            copies.put(key, copy.key());
        });
        return new AdapterLayout(new ParameterLayout(List.copyOf(matrices)), modules, copies, mostOutputs);
    }

    /** The same modules, and what {@code config} saves beside them. */
    AdapterLayout with(ModelConfig model, Set<Head> heads, LoraConfig config) {
        Set<String> names = modules.values().stream()
                .flatMap(List::stream)
                .map(Module::name)
                .collect(Collectors.toSet());
        return of(model, heads, config, names::contains);
    }

    private static List<Module> modules(Matrix matrix, int rank, Predicate<String> chosen) {
        List<Module> modules = new ArrayList<>();
        int first = 0;
        for (Part part : matrix.parts()) {
            String name = part.module();
            if (chosen.test(name)) {
                modules.add(new Module(name, first, part.size(), rank * modules.size(), rank));
            }
            first += part.size();
        }
        return modules;
    }

    private static Matrix down(Matrix of, List<Module> modules, LoraInit init) {
        Start start = init == LoraInit.GAUSSIAN ? Start.NORMAL_BY_ROWS : Start.UNIFORM;
        List<Part> parts = modules.stream()
                .map(module -> new Part(PREFIX + module.name() + DOWN + WEIGHT, module.rank()))
                .toList();
        int rows = modules.get(modules.size() - 1).endRank();
        return new Matrix(downKey(of.key()), parts, false, rows, of.columns(), start, false);
    }

    private static void requireRank(List<Module> modules, int inputs, LoraConfig config) {
        for (Module module : modules) {
            int most = Math.min(module.outputs(), inputs);
            if (config.variant().init().isPartOfTheWeight() && config.r() > most) {
                throw new UserError("r: " + config.r() + " is more than init: "
                        + config.variant().init().configName() + " can take from " + module.name() + ", a matrix of "
                        + module.outputs() + " rows and " + inputs + " columns: use at most " + most);
            }
        }
    }

    private static Matrix lengths(Module module) {
        List<Part> part = List.of(new Part(PREFIX + module.name() + LENGTHS, module.outputs()));
        return new Matrix(module.lengths(), part, true, 1, module.outputs(), Start.ELSEWHERE, false);
    }

    /** The part of the parameters that is A and B. */
    ParameterLayout lowRank() {
        return new ParameterLayout(parameters.matrices().stream()
                .filter(matrix -> matrix.key().endsWith(DOWN) || matrix.key().endsWith(UP))
                .toList());
    }

    private static Matrix up(Module module) {
        List<Part> part = List.of(new Part(PREFIX + module.name() + UP + WEIGHT, module.outputs()));
        return new Matrix(module.up(), part, false, module.outputs(), module.rank(), Start.ZEROS, false);
    }

    /** The key of the A of all modules of a matrix. */
    static String downKey(String matrix) {
        return matrix + DOWN;
    }

    /** All modules that an adapter can be on: the linear layers and the language head. */
    static Set<String> moduleNames(ModelConfig model, Set<Head> heads) {
        Set<String> names = new LinkedHashSet<>();
        adaptable(model, heads).forEach(matrix -> matrix.parts().forEach(part -> names.add(part.module())));
        return names;
    }

    /** Their matrices; the head's last, under the embedding's key where the two are one. */
    private static List<Matrix> adaptable(ModelConfig model, Set<Head> heads) {
        List<Matrix> matrices = new ArrayList<>();
        for (Matrix matrix : ParameterLayout.of(model, heads).matrices()) {
            if (!matrix.vector() && matrix.part() != ModelPart.EMBEDDING && matrix.part() != ModelPart.HEAD) {
                matrices.add(matrix);
            }
        }
        if (heads.contains(Head.LANGUAGE)) {
            String key = model.tiedEmbeddings() ? ParameterLayout.EMBEDDING : ParameterLayout.LANGUAGE_HEAD;
            List<Part> part = List.of(new Part(TargetModules.HEAD + WEIGHT, model.vocabSize()));
            matrices.add(new Matrix(key, part, false, model.vocabSize(), model.hiddenSize(), Start.NORMAL, false));
        }
        return matrices;
    }

    /** The module of a tensor of peft's, without its prefix; empty where it is neither an A nor a B. */
    static Optional<String> moduleOf(String tensor) {
        for (String end : List.of(DOWN + WEIGHT, UP + WEIGHT, LENGTHS)) {
            if (tensor.startsWith(PREFIX) && tensor.endsWith(end)) {
                return Optional.of(tensor.substring(PREFIX.length(), tensor.length() - end.length()));
            }
        }
        return Optional.empty();
    }

    /** Whether a tensor of peft's is a B. */
    static boolean isUp(String tensor) {
        return tensor.endsWith(UP + WEIGHT);
    }

    /** What follows the last dot of each. */
    static Set<String> shortNames(Set<String> modules) {
        Set<String> names = new LinkedHashSet<>();
        modules.forEach(module -> names.add(shortName(module)));
        return names;
    }

    /** What follows the last dot of a module's name. */
    static String shortName(String module) {
        return module.substring(module.lastIndexOf('.') + 1);
    }

    /** The most inputs that an A multiplies. */
    int mostInputs() {
        return modules.keySet().stream()
                .mapToInt(key -> parameters.matrix(downKey(key)).columns())
                .max()
                .orElse(0);
    }

    /** The most rows that an A has. */
    int widest() {
        return modules.values().stream()
                .mapToInt(own -> own.get(own.size() - 1).endRank())
                .max()
                .orElse(0);
    }
}
