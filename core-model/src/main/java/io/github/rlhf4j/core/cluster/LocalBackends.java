package io.github.rlhf4j.core.cluster;

import io.github.rlhf4j.core.UserError;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code threads:N} and {@code processes:N}, and what modules on the class path add. */
public final class LocalBackends {
    private static final Pattern LOCAL = Pattern.compile("(threads|processes):([1-9][0-9]{0,3})");
    private static final Pattern SPARK =
            Pattern.compile("local(\\[[0-9*]+(,[0-9]+)?])?|local-cluster\\[[0-9, ]+]|spark://.+|k8s://.+|yarn");

    private LocalBackends() {}

    /** Whether this is a master's name; whether there is one of that name only shows when it is opened. */
    public static boolean isMaster(String text) {
        return LOCAL.matcher(text).matches() || isSpark(text);
    }

    /** Whether Spark is asked for. */
    public static boolean isSpark(String master) {
        return SPARK.matcher(master).matches();
    }

    /** Opens what {@code settings} ask for. */
    public static Backend open(ClusterSettings settings) {
        Matcher local = LOCAL.matcher(settings.master());
        if (local.matches()) {
            int workers = Integer.parseInt(local.group(2));
            return local.group(1).equals("threads")
                    ? new ThreadsBackend(workers, settings.threads(), settings.processors())
                    : new ProcessesBackend(workers, settings);
        }
        for (BackendFactory factory : ServiceLoader.load(BackendFactory.class)) {
            if (factory.accepts(settings.master())) {
                return factory.open(settings);
            }
        }
        throw new UserError("cluster: " + settings.master() + " needs the module spark, which is not on the class path:"
                + " start ./rlhf4j in a clone of the source with --cluster " + settings.master()
                + ", which builds it, or add its jars by RLHF4J_CLASS_PATH (docs/cluster.md)");
    }
}
