package io.github.rlhf4j.tinker;

import io.github.rlhf4j.core.model.Transformer;
import io.github.rlhf4j.core.tokenizer.Tokenizer;
import java.nio.file.Path;

/**
 * A model that adapters are trained on.
 *
 * @param name what clients call it
 * @param tokenizerId where a client finds its tokenizer: a name of the Hugging Face hub, or a folder of this machine
 * @param folder that it was read from
 * @param transformer with a language head, without an adapter
 * @param tokenizer its own
 */
public record BaseModel(String name, String tokenizerId, Path folder, Transformer transformer, Tokenizer tokenizer) {
    /** Whether a client that says this means this model: its name, or its folder. */
    boolean isCalled(String said) {
        return said.equals(name)
                || said.equals(folder.toString())
                || said.equals(folder.toAbsolutePath().normalize().toString());
    }
}
