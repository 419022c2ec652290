package io.github.rlhf4j.core.stage;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.files.ModelDirectory;
import io.github.rlhf4j.core.model.ModelConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model beside the one that a stage trains: a reward, value or reference model. It must read the same ids and have room for the same sequences, or be one that may read texts in tokens of its own.
 *
 * @param key of the config that names it
 * @param model it
 * @param trained the model that the stage trains
 * @param sameRows whether both must have as many rows, since their distributions are compared
 * @param mayReadTexts whether it may have another tokenizer, since it is then given texts
 */
public record CompanionModel(
        String key, ModelReference model, ModelReference trained, boolean sameRows, boolean mayReadTexts) {
    /** One that is given the tokens of the model that the stage trains. */
    public CompanionModel(String key, ModelReference model, ModelReference trained, boolean sameRows) {
        this(key, model, trained, sameRows, false);
    }

    /** Whether it reads texts in tokens of its own, as far as that is known before a run. */
    public boolean readsTexts() {
        return readsTexts(planned(model), planned(trained));
    }

    /** The same when the stage starts. */
    public boolean readsTextsOfFolders() {
        return readsTexts(inFolder(model.directory()), inFolder(trained.directory()));
    }

    private boolean readsTexts(Optional<ModelOutline> its, Optional<ModelOutline> ours) {
        return mayReadTexts
                && its.isPresent()
                && ours.isPresent()
                && !its.get().ids().tokens().isEmpty()
                && ours.get().ids().misreadBy(its.get().ids(), sameRows).isPresent();
    }

    /** What is known of it before a run. */
    public Optional<ModelOutline> outline() {
        return planned(model);
    }

    /**
     * Before a run: by what is known then, of models that do not exist yet too.
     *
     * @param length tokens of the longest sequence it may be given; 0: as many as the trained model's context has
     * @throws UserError where it does not fit
     */
    public void check(int length) {
        check(planned(model), planned(trained), length);
    }

    /** When the stage starts: by the folders, which exist then. */
    public void checkFolders(int length) {
        check(inFolder(model.directory()), inFolder(trained.directory()), length);
    }

    private void check(Optional<ModelOutline> its, Optional<ModelOutline> ours, int length) {
        if (its.isPresent() && ours.isPresent() && !readsTexts(its, ours)) {
            checkTokens(its.get(), ours.get());
            checkContext(its.get().context(), length == 0 ? ours.get().context() : length);
        }
    }

    private void checkTokens(ModelOutline its, ModelOutline ours) {
        ours.ids().misreadBy(its.ids(), sameRows).ifPresent(how -> {
            throw new UserError(key + " " + model.given() + " and model " + trained.given()
                    + " must have the same tokenizer and vocabulary, but " + how
                    + "; name a model that was made from the same one");
        });
    }

    private void checkContext(int context, int length) {
        if (context < length) {
            throw new UserError(key + " " + model.given() + " must have a context of at least " + length
                    + " tokens, which the longest sequences may have here, but has " + context
                    + "; make them shorter or name another model");
        }
    }

    /** Of a folder whose outline is not known, since it has no tokenizer, its config tells. */
    private static Optional<ModelOutline> planned(ModelReference reference) {
        if (reference.outline().isPresent()
                || Files.exists(reference.directory().resolve("tokenizer.json"))) {
            return reference.outline();
        }
        return inFolder(reference.directory());
    }

    private static Optional<ModelOutline> inFolder(Path directory) {
        if (!Files.isRegularFile(directory.resolve("config.json"))) {
            return Optional.empty();
        }
        ModelDirectory folder = ModelDirectory.open(directory);
        if (folder.hasTokenizer()) {
            return Optional.of(ModelOutline.of(directory));
        }
        ModelConfig config = ModelConfig.from(folder.config());
        return Optional.of(new ModelOutline(config.maxPositions(), false, new TokenIds(List.of(), config.vocabSize())));
    }
}
