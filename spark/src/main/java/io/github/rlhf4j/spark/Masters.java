package io.github.rlhf4j.spark;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks whether a standalone master is there before Spark, which asks for a minute and says so in pages of stack traces. */
final class Masters {
    private static final String SCHEME = "spark://";
    private static final Pattern ADDRESS = Pattern.compile("\\[?([^\\]]+)]?:([0-9]{1,5})");
    private static final int CONNECT = 2000; // ms
    private static final int PAUSE = 200; // ms

    private Masters() {}

    /**
     * Waits for one of the addresses of {@code spark://HOST:PORT,HOST:PORT}; other masters are Spark's to find.
     *
     * @throws UserError where none answers
     */
    static void requireReachable(String master, int seconds) {
        if (!master.startsWith(SCHEME)) {
            return;
        }
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        String why = "";
        do {
            for (String address : master.substring(SCHEME.length()).split(",", -1)) {
                why = refusal(address);
                if (why.isEmpty()) {
                    return;
                }
            }
            pause();
        } while (System.nanoTime() < until);
        throw new UserError("cluster: no master answers at " + master + " within " + seconds + " s (" + why
                + "): start one, or correct the address (docs/cluster.md)");
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a master is looked for", e);
        }
    }

    /** Why it does not answer; empty where it does. */
    private static String refusal(String address) {
        Matcher parts = ADDRESS.matcher(address);
        if (!parts.matches() || Integer.parseInt(parts.group(2)) > 65535) {
            throw new UserError("cluster.master must be spark://HOST:PORT, but has the address " + address);
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(parts.group(1), Integer.parseInt(parts.group(2))), CONNECT);
            return "";
        } catch (IOException e) {
            return address + ": " + e.getMessage();
        }
    }
}
