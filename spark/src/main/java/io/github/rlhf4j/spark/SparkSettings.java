package io.github.rlhf4j.spark;

import io.github.rlhf4j.core.cluster.ClusterSettings;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;

/** What Spark is told: the user's settings over these. */
final class SparkSettings {
    private SparkSettings() {}

    static SparkConf of(ClusterSettings settings) {
        SparkConf conf = new SparkConf()
                .setMaster(settings.master())
                .setAppName("rlhf4j")
                .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .set("spark.executor.extraJavaOptions", javaOptions())
                .set("spark.executorEnv.OMP_NUM_THREADS", "1")
                .set("spark.network.timeout", Math.max(settings.silentSeconds(), 20) + "s")
                .set("spark.executor.heartbeatInterval", Math.max(2, settings.silentSeconds() / 6) + "s")
                .set("spark.ui.showConsoleProgress", "false")
                .set("spark.ui.enabled", "false") // it listens on all addresses, for anybody
                .set("spark.hadoop.fs.defaultFS", "file:///");
        if (isOnThisMachine(settings.master())) {
            conf.set("spark.driver.host", "127.0.0.1").set("spark.driver.bindAddress", "127.0.0.1");
        }
        settings.conf().forEach(conf::set);
        return conf;
    }

    static boolean isInThisProcess(String master) {
        return master.equals("local") || master.startsWith("local[");
    }

    static boolean isOnThisMachine(String master) {
        return master.startsWith("local")
                || master.startsWith("spark://127.0.0.1")
                || master.startsWith("spark://localhost");
    }

    /** This process's options, but for its heap, which Spark sets, and what is of this process alone. */
    private static String javaOptions() {
        List<String> given = ManagementFactory.getRuntimeMXBean().getInputArguments();
        String options = given.stream()
                .filter(option -> option.startsWith("-D") && isOurs(option)
                        || option.startsWith("-XX:") && !isOfThisProcess(option))
                .collect(Collectors.joining(" "));
        return "--add-modules=jdk.incubator.vector " + options;
    }

    private static boolean isOurs(String option) {
        return !option.contains(" ")
                && !option.startsWith("-Drlhf4j.stderr")
                && !option.startsWith("-Drlhf4j.terminal")
                && (option.startsWith("-Drlhf4j.")
                        || option.startsWith("-Dorg.bytedeco.")
                        || option.contains("CACHE_DIR")
                        || option.startsWith("-Dfile.encoding"));
    }

    private static boolean isOfThisProcess(String option) {
        return option.contains(" ")
                || option.startsWith("-XX:SharedArchiveFile")
                || option.startsWith("-XX:ArchiveClassesAtExit")
                || option.startsWith("-XX:OnOutOfMemoryError")
                || option.startsWith("-XX:TieredStopAtLevel")
                || option.startsWith("-XX:MaxHeapSize");
    }
}
