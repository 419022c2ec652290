package io.github.rlhf4j.cli.terminal;

/** Whether stack traces are wanted: {@code --debug}, or the environment variable {@code RLHF4J_DEBUG}. */
public final class Debug {
    private static final String PROPERTY = "rlhf4j.debug";

    private Debug() {}

    public static void turnOn() {
        System.setProperty(PROPERTY, "true");
    }

    public static boolean isOn() {
        String variable = System.getenv("RLHF4J_DEBUG");
        return Boolean.getBoolean(PROPERTY) || (variable != null && !variable.isEmpty() && !variable.equals("0"));
    }
}
