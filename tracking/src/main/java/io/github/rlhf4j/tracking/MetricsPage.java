package io.github.rlhf4j.tracking;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The page that Prometheus reads, on the loopback interface of this machine; one for each port of the process, for all its runs. Source of the format: prometheus.io/docs/instrumenting/exposition_formats,
 * version 0.0.4.
 */
final class MetricsPage {
    private static final Map<Integer, MetricsPage> OPEN = new HashMap<>();

    private final HttpServer server;
    private final ExecutorService threads;
    private final int named; // the port that was asked for
    private int users;
    private final Map<String, Map<String, Double>> values = new TreeMap<>(); // by name, then labels

    private MetricsPage(HttpServer server, int named) {
        this.server = server;
        this.named = named;
        this.threads = Executors.newSingleThreadExecutor(work -> {
            Thread thread = new Thread(work, "prometheus");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** The page at that port, which is another's already or new; 0: a new one at any port. Whoever opens closes. */
    static MetricsPage open(int port) throws IOException {
        synchronized (OPEN) {
            MetricsPage page = OPEN.get(port);
            if (page == null) {
                InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
                page = new MetricsPage(HttpServer.create(address, 0), port);
                if (port != 0) {
                    OPEN.put(port, page);
                }
            }
            page.users++;
            return page;
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    void close() {
        synchronized (OPEN) {
            users--;
            if (users == 0) {
                OPEN.remove(named, this);
                server.stop(0);
                threads.shutdownNow();
            }
        }
    }

    synchronized void put(String run, String stage, String name, double value) {
        values.computeIfAbsent(legal(name), first -> new TreeMap<>()).put(labels(run, stage), value);
    }

    synchronized void add(String run, String stage, String name, double value) {
        values.computeIfAbsent(legal(name), first -> new TreeMap<>()).merge(labels(run, stage), value, Double::sum);
    }

    /** A stage begins anew. */
    synchronized void forget(String run, String stage) {
        values.values().forEach(byLabels -> byLabels.remove(labels(run, stage)));
        values.values().removeIf(Map::isEmpty);
    }

    /** All values, a line each. */
    synchronized String text() {
        StringBuilder text = new StringBuilder();
        values.forEach((name, byLabels) -> {
            text.append("# TYPE ").append(name).append(name.endsWith("_total") ? " counter\n" : " gauge\n");
            byLabels.forEach((labels, value) -> text.append(name)
                    .append(labels)
                    .append(' ')
                    .append(number(value))
                    .append('\n'));
        });
        return text.toString();
    }

    private static String number(double value) {
        return Double.isInfinite(value) ? value > 0 ? "+Inf" : "-Inf" : String.valueOf(value);
    }

    private static String legal(String name) {
        return name.replaceAll("[^a-zA-Z0-9_]", "_");
    }

    private static String labels(String run, String stage) {
        return "{run=\"" + escaped(run) + "\",stage=\"" + escaped(stage) + "\"}";
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String host = String.valueOf(exchange.getRequestHeaders().getFirst("Host"))
                    .replaceFirst(":[0-9]+$", "");
            boolean isLocal = host.equals("127.0.0.1") || host.equals("localhost") || host.equals("[::1]");
            boolean isRead = exchange.getRequestMethod().equals("GET");
            boolean isThere = exchange.getRequestURI().getPath().equals("/metrics");
            byte[] body = (isLocal && isRead && isThere ? text() : "see /metrics\n").getBytes(StandardCharsets.UTF_8);
            int status = !isLocal ? 403 : !isThere ? 404 : !isRead ? 405 : 200;
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
