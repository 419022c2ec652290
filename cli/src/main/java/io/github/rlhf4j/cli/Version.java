package io.github.rlhf4j.cli;

import picocli.CommandLine.IVersionProvider;

/** The program's version, from its jar. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"rlhf4j " + current() + ", Java " + Runtime.version()};
    }

    /** Such as {@code 0.1.0-SNAPSHOT}; {@code development} outside a jar. */
    static String current() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
