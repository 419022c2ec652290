package io.github.rlhf4j.cli;

/** Whether stack traces are wanted: {@code --debug}, or the environment variable {@code RLHF4J_DEBUG}. */
final class Debug {
    private static final String PROPERTY = "rlhf4j.debug";

    private Debug() {}

    static void turnOn() {
        System.setProperty(PROPERTY, "true");
    }

    static boolean isOn() {
        String variable = System.getenv("RLHF4J_DEBUG");
        return Boolean.getBoolean(PROPERTY) || (variable != null && !variable.isEmpty() && !variable.equals("0"));
    }
}
