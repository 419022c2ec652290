package io.github.rlhf4j.core.stage;

/** A value of a config that is out of range: thrown by a config record's compact constructor, completed with the stage's name by the reader of the run file. */
public final class ConfigException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String key;

    ConfigException(String key, String message) {
        super(message);
        this.key = key;
    }

    /** The key as the user writes it. */
    public String key() {
        return key;
    }

    /** "KEY must be ..., but is VALUE". */
    public static void checkConfig(boolean condition, String key, Object value, String mustBe) {
        if (!condition) {
            throw new ConfigException(key, key + " " + mustBe + ", but is " + value);
        }
    }
}
