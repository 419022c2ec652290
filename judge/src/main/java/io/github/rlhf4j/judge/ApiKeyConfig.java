package io.github.rlhf4j.judge;

import static io.github.rlhf4j.core.stage.ConfigException.checkConfig;

import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.core.stage.ConfigGroup;
import io.github.rlhf4j.http.KeyFile;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a server's API key is; the key itself is in no configuration.
 *
 * @param apiKeyEnv the environment variable that has it; absent: none is sent, unless there is a file
 * @param apiKeyFile the file that has it, which its owner alone may read
 */
public record ApiKeyConfig(Optional<String> apiKeyEnv, Optional<Path> apiKeyFile) implements ConfigGroup {
    /** No key. */
    public static final ApiKeyConfig NONE = new ApiKeyConfig(Optional.empty(), Optional.empty());

    public ApiKeyConfig {
        apiKeyEnv.ifPresent(name -> checkConfig(
                name.matches("[A-Za-z_][A-Za-z0-9_]*"),
                "api_key_env",
                "not such a name",
                "must be the name of an environment variable, not the key itself"));
        checkConfig(
                apiKeyEnv.isEmpty() || apiKeyFile.isEmpty(),
                "api_key_file",
                apiKeyFile.map(Path::toString).orElse(""),
                "must be left out where api_key_env is given");
    }

    /** In an environment variable. */
    public static ApiKeyConfig variable(String name) {
        return new ApiKeyConfig(Optional.of(name), Optional.empty());
    }

    /** In a file. */
    public static ApiKeyConfig file(Path file) {
        return new ApiKeyConfig(Optional.empty(), Optional.of(file));
    }

    /**
     * The key, or none where none is sent.
     *
     * @param key of the run file that names the server, for messages
     * @throws UserError where it is not there, or where others may read its file
     */
    Optional<String> read(String key) {
        return apiKeyEnv
                .map(name -> variable(key, name))
                .or(() -> apiKeyFile.map(file -> KeyFile.read(key + ".api_key_file", file)));
    }

    private static String variable(String key, String name) {
        String value = System.getenv(name);
        if (value == null || value.isBlank()) {
            throw new UserError(
                    key + ".api_key_env names the environment variable " + name
                            + ", which is not set; set it to the server's API key, or leave the key out for a server that needs none");
        }
        return value.strip();
    }
}
