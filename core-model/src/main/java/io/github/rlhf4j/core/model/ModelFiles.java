package io.github.rlhf4j.core.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.files.HuggingFaceConfig;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.tokenizer.SpecialTokenIds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a model's folder says besides its weights: config.json, and generation_config.json where it has one.
 *
 * @param config architecture and token ids
 * @param generation end tokens and defaults of sampling, empty where the folder has no such file
 */
record ModelFiles(HuggingFaceConfig config, Optional<ObjectNode> generation) {
    private static final String BOS = "bos_token_id";
    private static final String EOS = "eos_token_id";
    private static final String PAD = "pad_token_id";

    ModelFiles {
        generation = generation.map(ObjectNode::deepCopy);
    }

    static ModelFiles of(ModelDirectory directory) {
        return new ModelFiles(directory.config(), directory.generationConfig());
    }

    ModelFiles with(HuggingFaceConfig other) {
        return new ModelFiles(other, generation);
    }

    /**
     * The same with a tokenizer's ids in both files, so that other programs stop where this one does; as transformers' trainer aligns them: the begin token is the tokenizer's, its end token joins those that are
     * there. The pad token is only filled in, and never in a classifier, whose score is read at the last token that is not it.
     */
    ModelFiles alignedWith(SpecialTokenIds ids) {
        HuggingFaceConfig aligned = config;
        ObjectNode generate = generation.orElseGet(() -> ModelDirectory.generationConfig(config));
        if (ids.bos().isPresent()) {
            aligned = withId(aligned, BOS, ids.bos().getAsInt());
            generate.put(BOS, ids.bos().getAsInt());
        }
        if (ids.eos().isPresent()) {
            int eos = ids.eos().getAsInt();
            JsonNode known = aligned.tree().path(EOS);
            if (!ids(known).contains(eos)) {
                aligned = known.isArray()
                        ? aligned.with(EOS, joined(eos, known))
                        : aligned.with(EOS, IntNode.valueOf(eos));
            }
            if (!ids(generate.path(EOS)).contains(eos)) {
                generate.set(EOS, joined(eos, generate.path(EOS)));
            }
        }
        if (ids.pad().isPresent() && !aligned.isSequenceClassifier()) {
            aligned = aligned.has(PAD)
                    ? aligned
                    : aligned.with(PAD, IntNode.valueOf(ids.pad().getAsInt()));
            if (!generate.hasNonNull(PAD)) {
                generate.put(PAD, ids.pad().getAsInt());
            }
        }
        return new ModelFiles(aligned, Optional.of(generate));
    }

    private static HuggingFaceConfig withId(HuggingFaceConfig file, String key, int id) {
        return ids(file.tree().path(key)).equals(List.of(id)) ? file : file.with(key, IntNode.valueOf(id));
    }

    /** The id and those that are there already: a number where it is the only one, else a list. */
    private static JsonNode joined(int id, JsonNode others) {
        List<Integer> all = new ArrayList<>(List.of(id));
        all.addAll(ids(others));
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        if (all.size() == 1) {
            return nodes.numberNode(id);
        }
        var list = nodes.arrayNode();
        all.forEach(list::add);
        return list;
    }

    private static List<Integer> ids(JsonNode value) {
        List<Integer> ids = new ArrayList<>();
        if (value.isInt()) {
            ids.add(value.intValue());
        }
        for (JsonNode each : value) {
            if (each.isInt()) {
                ids.add(each.intValue());
            }
        }
        return ids;
    }
}
