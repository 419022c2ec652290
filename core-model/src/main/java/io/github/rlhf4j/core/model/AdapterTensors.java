package io.github.rlhf4j.core.model;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.SafetensorsReader;
import io.github.rlhf4j.core.files.TensorEntry;
import io.github.rlhf4j.core.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** What an adapter_model.safetensors holds, for a model. */
final class AdapterTensors {
    private static final String HEAD = TargetModules.HEAD;
    private static final String HEAD_WEIGHT = AdapterLayout.PREFIX + HEAD + ".weight";
    private static final String HEAD_AS_IT_WAS = AdapterLayout.PREFIX + HEAD + ".base_layer.weight";
    private static final double HEAD_TOLERANCE = 0x1p-7; // a bfloat16's, relative

    private final Path directory;
    private final SafetensorsReader reader;
    private final ModelConfig model;
    private final Set<Head> heads;
    private final List<String> names; // of the model's tensors, in their order
    private final Set<String> modules = new LinkedHashSet<>();
    private final Set<String> saved = new LinkedHashSet<>();

    /** @throws UserError where a tensor has no place in the model */
    AdapterTensors(Path directory, SafetensorsReader reader, ModelConfig model, Set<Head> heads) {
        this.directory = directory;
        this.reader = reader;
        this.model = model;
        this.heads = heads;
        this.names = ParameterLayout.of(model, heads).matrices().stream()
                .flatMap(matrix -> matrix.parts().stream())
                .map(ParameterLayout.Part::name)
                .toList();
        Set<String> known = AdapterLayout.moduleNames(model, heads);
        for (String name : reader.names()) {
            String module = AdapterLayout.moduleOf(name).filter(known::contains).orElse("");
            if (isPassedOver(name)) {
                continue;
            }
            if (!module.isEmpty()) {
                modules.add(module);
            } else if (isOfModel(name) || isTiedHead(name)) {
                saved.add(ParameterLayout.moduleOf(name.substring(AdapterLayout.PREFIX.length())));
            } else {
                throw new UserError(
                        directory + " has the weight " + name + " that a "
                                + model.family().modelType()
                                + " model of this config.json has no place for: it is an adapter for another model, or of a kind that is not supported");
            }
        }
        if (modules.isEmpty() && saved.isEmpty()) {
            throw new UserError(directory + " has no weights");
        }
    }

    /** @throws UserError where a tensor would not be read */
    void requireKnown(AdapterLayout layout, SavedModules read) {
        Set<String> known = new HashSet<>();
        layout.parameters().matrices().forEach(matrix -> matrix.parts().forEach(part -> known.add(part.name())));
        if (read.tied()) {
            known.add(HEAD_WEIGHT);
        }
        reader.names().stream()
                .filter(name -> !known.contains(name) && !isPassedOver(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new UserError(directory + " has the weight " + name
                            + ", which an adapter as its adapter_config.json describes it has not");
                });
    }

    /** The head's term where the model has no language head, and the head's own weight, which peft writes beside its term. */
    private boolean isPassedOver(String name) {
        return name.equals(HEAD_AS_IT_WAS)
                || !heads.contains(Head.LANGUAGE)
                        && AdapterLayout.moduleOf(name).filter(HEAD::equals).isPresent();
    }

    /**
     * Checks that the head's own weight, where there is one in the folder, is the model's.
     *
     * @throws UserError where it is not
     */
    static void requireHead(Path directory, SafetensorsReader reader, Transformer model) {
        if (!reader.contains(HEAD_AS_IT_WAS)
                || !model.heads().contains(Head.LANGUAGE)
                || model.parameters().weights().isCompact()) {
            return;
        }
        FloatBuffer row = FloatBuffer.allocate(model.config().hiddenSize());
        Tensor own = model.languageHead().weight();
        boolean same = reader.elements(HEAD_AS_IT_WAS) == own.size();
        for (int i = 0; same && i < own.rows(); i++) {
            reader.read(HEAD_AS_IT_WAS, (long) i * own.columns(), row.clear());
            for (int j = 0; j < own.columns(); j++) {
                same &= Math.abs(row.get(j) - own.get(i, j)) <= HEAD_TOLERANCE * Math.abs(own.get(i, j));
            }
        }
        if (!same) {
            throw new UserError(directory + " has " + HEAD_AS_IT_WAS
                    + ", which is not the head of this model: it is an adapter for another model");
        }
    }

    private boolean isOfModel(String name) {
        return name.startsWith(AdapterLayout.PREFIX) && names.contains(name.substring(AdapterLayout.PREFIX.length()));
    }

    private boolean isTied() {
        return model.tiedEmbeddings() && heads.contains(Head.LANGUAGE);
    }

    private boolean isTiedHead(String name) {
        return isTied() && name.equals(HEAD_WEIGHT);
    }

    /** The modules that have an A or a B. */
    Set<String> modules() {
        return modules;
    }

    /**
     * The modules that are saved as a whole, by their whole names.
     *
     * @param given what adapter_config.json says
     * @throws UserError where embedding and head of a model that has one matrix for both differ
     */
    SavedModules saved(SavedModules given) {
        requireAll(given);
        boolean hasBoth = saved.contains(HEAD) && saved.size() > 1 && isTied() && isTheSame();
        boolean tied = isTied() && (given.tied() || hasBoth);
        return new SavedModules(saved.stream().sorted().toList(), tied && savesEmbedding());
    }

    /** A module that the model has must be there; peft names some that few models have. */
    private void requireAll(SavedModules given) {
        for (String name : given.names()) {
            boolean has =
                    names.stream().anyMatch(tensor -> SavedModules.isWithin(ParameterLayout.moduleOf(tensor), name));
            if (has && saved.stream().noneMatch(module -> SavedModules.isWithin(module, name))) {
                throw new UserError(
                        directory + " has no weight of " + name + ", which its modules_to_save names: it is not whole");
            }
        }
    }

    private boolean savesEmbedding() {
        return saved.contains(HEAD) || saved.contains(embedding());
    }

    private String embedding() {
        return ParameterLayout.moduleOf(names.get(0));
    }

    private boolean isTheSame() {
        String other = AdapterLayout.PREFIX + embedding() + ".weight";
        if (!reader.contains(other)) {
            return false;
        }
        int size = Math.toIntExact(reader.elements(other));
        FloatBuffer one = FloatBuffer.allocate(size);
        FloatBuffer two = FloatBuffer.allocate(size);
        reader.read(other, 0, one);
        reader.read(HEAD_WEIGHT, 0, two);
        if (!one.rewind().equals(two.rewind())) {
            throw new UserError(
                    directory
                            + " has an embedding and a head that differ, for a model that has one matrix for both: such an adapter is not supported");
        }
        return true;
    }

    /** All tensors of an adapter; the one that embedding and head share under both names, as peft has it. */
    static List<TensorEntry> entries(Adapter adapter) {
        List<TensorEntry> entries = new ArrayList<>(adapter.origins()
                .map(origins -> ConvertedTerms.entries(adapter.parameters(), origins))
                .orElseGet(() -> ParameterFiles.entries(adapter.parameters())));
        if (adapter.config().saved().tied()) {
            Tensor shared = Objects.requireNonNull(adapter.copies().get(ParameterLayout.EMBEDDING))
                    .value();
            entries.add(TensorEntry.of(
                    HEAD_WEIGHT, sink -> ParameterFiles.write(shared, sink), new long[] {shared.rows(), shared.columns()
                    }));
        }
        return entries;
    }

    /** For adapter_config.json: with the head where one copy serves it too. */
    static List<String> savedNames(SavedModules saved) {
        List<String> names = new ArrayList<>(saved.names());
        if (saved.tied() && !names.contains(HEAD)) {
            names.add(HEAD);
        }
        return names;
    }
}
