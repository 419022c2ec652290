package io.github.rlhf4j.cli;

import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that puts an adapter on a command's model. */
final class AdapterFlag {
    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description = "An adapter on the model, as peft saves it, or a run's stage that trained one.")
    private Optional<Path> folder = Optional.empty();

    /** Opens a language model with it, or without one where none was given. */
    LanguageModel open(Rlhf4j rlhf4j, Path model) {
        return folder.isPresent() ? rlhf4j.languageModel(model, folder.get()) : rlhf4j.languageModel(model);
    }

    /** As it was given. */
    Optional<Path> folder() {
        return folder;
    }
}
