package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.UserError;
import java.util.ServiceLoader;

/** {@code threads:N} and {@code processes:N}, and what modules on the class path add. */
public final class LocalBackends {
    private static final String LOCAL = "(threads|processes):[1-9][0-9]{0,3}";
    private static final String SPARK = "local(\\[([1-9][0-9]*|\\*)( *, *[1-9][0-9]*)?\\])?"
            + "|local-cluster\\[ *[1-9][0-9]* *, *[1-9][0-9]* *, *[1-9][0-9]* *\\]"
            + "|spark://[^/]+:[0-9]+|k8s://.+|yarn";

    /** The names of masters as a regular expression that JSON schemas know too. */
    public static final String MASTERS = LOCAL + "|" + SPARK;

    private LocalBackends() {}

    /** Whether this is a master's name; whether there is one of that name only shows when it is opened. */
    public static boolean isMaster(String text) {
        return text.matches(MASTERS);
    }

    /** Whether Spark is asked for. */
    public static boolean isSpark(String master) {
        return master.matches(SPARK);
    }

    /** Opens what {@code settings} ask for. */
    public static Backend open(ClusterSettings settings) {
        String master = settings.master();
        if (master.matches(LOCAL)) {
            int workers = Integer.parseInt(master.substring(master.indexOf(':') + 1));
            return master.startsWith("threads:")
                    ? new ThreadsBackend(workers, settings.threads(), settings.processors())
                    : new ProcessesBackend(workers, settings);
        }
        for (BackendFactory factory : ServiceLoader.load(BackendFactory.class)) {
            if (factory.accepts(master)) {
                return factory.open(settings);
            }
        }
        throw new UserError("cluster: " + master + " needs the module spark, which is not on the class path:"
                + " start ./rlhf4j in a clone of the source with --cluster " + master
                + ", which builds it, or add its jars by RLHF4J_CLASS_PATH (docs/cluster.md)");
    }
}
