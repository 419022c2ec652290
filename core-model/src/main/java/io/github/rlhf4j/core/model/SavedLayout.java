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
import java.util.Set;

/**
 * The copies that {@link SavedModules} asks for, in a model of one shape. A copy is of a whole matrix of the engine's.
 *
 * @param copies by the key of the model's matrix
 */
record SavedLayout(Map<String, Matrix> copies) {
    private static final String KEY = "modules_to_save: ";
    private static final String COPY = "saved.";
    private static final String HEAD = TargetModules.HEAD;

    /** @throws UserError where a name is none of the model's, or not all of a matrix is named */
    static SavedLayout of(ModelConfig model, Set<Head> heads, SavedModules wanted) {
        List<Matrix> matrices = ParameterLayout.of(model, heads).matrices();
        boolean ties = model.tiedEmbeddings() && heads.contains(Head.LANGUAGE);
        requireModules(matrices, wanted, ties);
        Map<String, Matrix> copies = new LinkedHashMap<>();
        for (Matrix matrix : matrices) {
            List<Part> named = matrix.parts().stream()
                    .filter(part -> wanted.contains(part.module()) || isTiedHead(matrix, wanted, ties))
                    .toList();
            if (!named.isEmpty()) {
                requireWhole(matrix, named);
                copies.put(matrix.key(), copy(matrix));
            }
        }
        requireTying(copies.keySet(), wanted, ties);
        return new SavedLayout(copies);
    }

    private static boolean isTiedHead(Matrix matrix, SavedModules wanted, boolean ties) {
        return ties && matrix.key().equals(ParameterLayout.EMBEDDING) && wanted.contains(HEAD);
    }

    private static Matrix copy(Matrix of) {
        List<Part> parts = of.parts().stream()
                .map(part -> new Part(AdapterLayout.PREFIX + part.name(), part.size()))
                .toList();
        return new Matrix(
                COPY + of.key(), parts, of.vector(), of.rows(), of.columns(), Start.ELSEWHERE, of.transposed());
    }

    private static void requireModules(List<Matrix> matrices, SavedModules wanted, boolean ties) {
        Set<String> modules = new LinkedHashSet<>();
        matrices.forEach(matrix -> matrix.parts().forEach(part -> modules.add(part.module())));
        if (ties) {
            modules.add(HEAD);
        }
        for (String name : wanted.names()) {
            if (modules.stream().noneMatch(module -> SavedModules.isWithin(module, name))) {
                throw new UserError(KEY + "\"" + name + "\" is no module of this model; there are "
                        + String.join(", ", AdapterLayout.shortNames(modules)));
            }
        }
    }

    private static void requireWhole(Matrix matrix, List<Part> named) {
        if (named.size() < matrix.parts().size()) {
            List<String> names = new ArrayList<>();
            matrix.parts().forEach(part -> names.add(part.module()));
            throw new UserError(KEY + "here " + String.join(", ", names)
                    + " are one matrix, which is trained as a whole or not at all: name all of them or none");
        }
    }

    private static void requireTying(Set<String> copied, SavedModules wanted, boolean ties) {
        boolean shared = ties && copied.contains(ParameterLayout.EMBEDDING);
        if (shared && !wanted.tied()) {
            throw new UserError(
                    KEY
                            + "this model has one matrix for its embedding and its head (tie_word_embeddings), so there is one copy for both: say so with ensure_weight_tying: true");
        }
        if (wanted.tied() && !shared) {
            throw new UserError(
                    "ensure_weight_tying: true is for the embedding or the head in modules_to_save, of a model that has one matrix for both; it does nothing here, so must be left out");
        }
    }
}
