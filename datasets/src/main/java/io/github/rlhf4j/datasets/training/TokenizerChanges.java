package io.github.rlhf4j.datasets.training;

import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.files.WeightFormat;
import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.core.stage.ModelOutline;
import io.github.rlhf4j.core.stage.ModelReference;
import io.github.rlhf4j.core.stage.StageContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a stage changes in its model's tokenizer, as TRL does; the model that it writes has it so.
 *
 * @param chatTemplatePath a Jinja file, or a folder with a tokenizer whose chat template and end token are taken
 * @param eosToken the token that ends a turn or a text
 */
public record TokenizerChanges(Optional<String> chatTemplatePath, Optional<String> eosToken) implements ConfigGroup {
    /** Nothing is changed. */
    public static final TokenizerChanges NONE = new TokenizerChanges(Optional.empty(), Optional.empty());

    /** Whether nothing is changed. */
    public boolean isEmpty() {
        return chatTemplatePath.isEmpty() && eosToken.isEmpty();
    }

    /**
     * Looks at the template, and at the model where it is there already.
     *
     * @throws io.github.rlhf4j.core.UserError when the template cannot be used or a token is not in the tokenizer
     */
    public void check(ModelReference model) {
        ChangedTokenizer.checkTemplate(this);
        if (!isEmpty() && Files.isRegularFile(model.directory().resolve("tokenizer.json"))) {
            ChangedTokenizer.of(this, model.directory());
        }
    }

    /** What is known of a model after the change. */
    public Optional<ModelOutline> outline(ModelReference model) {
        return chatTemplatePath.isPresent() ? model.outline().map(ModelOutline::withChatTemplate) : model.outline();
    }

    /** The folder whose tokenizer, config.json and generation_config.json a stage continues with: the model's, or where something is changed a new one in the stage's folder. */
    public Path apply(Path model, StageContext context) {
        if (isEmpty()) {
            return model;
        }
        ChangedTokenizer changed = ChangedTokenizer.of(this, model);
        Path folder = context.directory().resolve("tokenizer");
        changed.write(folder);
        changed.facts().forEach(context::provenance);
        changed.lines().forEach(context::note);
        return folder;
    }

    /**
     * Writes a model with the tokenizer that it was trained with.
     *
     * @param tokenizer what {@link #apply} returned
     */
    public void save(Transformer model, Path tokenizer, Path directory, WeightFormat format) {
        if (isEmpty()) {
            model.save(directory, Optional.of(tokenizer), format);
            return;
        }
        ModelDirectory changed = ModelDirectory.open(tokenizer);
        ModelDirectory.write(
                directory,
                new ModelDirectory.Contents(
                        changed.config().tokenId("eos_token_id").isPresent()
                                ? model.huggingFaceConfig()
                                        .with(
                                                "eos_token_id",
                                                changed.config().tree().get("eos_token_id"))
                                : model.huggingFaceConfig(),
                        model.weights(),
                        format,
                        Optional.of(tokenizer),
                        changed.generationConfig()));
    }
}
