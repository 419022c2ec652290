package io.github.rlhf4j.server;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A server of pages and JSON, by default for this machine alone.
 *
 * <pre>{@code
 * try (WebServer server = WebServer.builder()
 *         .token(WebServer.newToken())
 *         .get("/api/runs/{run}", call -> Answer.json(runs.of(call.variable("run"))))
 *         .files("/", Pages.class, "pages")
 *         .start()) {
 *     terminal.line(server.address());
 *     ...
 * }
 * }</pre>
 *
 * <p>Every request passes the checks of host, origin and token before its handler sees it. {@link #close} lets running requests finish.
 */
public final class WebServer implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom(); // of tokens alone; no result depends on it
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Server server;
    private final ServerConnector connector;
    private final Builder of;
    private final Stopping stopping;
    private boolean stopped;

    private WebServer(Server server, ServerConnector connector, Builder of, Stopping stopping) {
        this.server = server;
        this.connector = connector;
        this.of = of;
        this.stopping = stopping;
    }

    /** A server on 127.0.0.1 and any free port, without a token. */
    public static Builder builder() {
        return new Builder();
    }

    /** A token that nobody guesses. */
    public static String newToken() {
        byte[] bytes = new byte[16];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Describes a server. */
    public static final class Builder {
        private String host = "127.0.0.1";
        private int port;
        private String token = "";
        private Set<String> hosts = Access.LOOPBACK;
        private final Set<String> origins = new LinkedHashSet<>();
        private Limits limits = Limits.DEFAULT;
        private ErrorForm errors = ErrorForm.PLAIN;
        private final List<Route> routes = new ArrayList<>();
        private final List<Route> files = new ArrayList<>(); // asked last

        private Builder() {}

        /** The address to listen on: a name or number of this machine. */
        public Builder host(String newHost) {
            host = newHost;
            return this;
        }

        /**
         * Whether only this machine can reach the address.
         *
         * @throws UserError where the host is not known
         */
        public boolean isLoopback() {
            return requireAddress().isLoopbackAddress();
        }

        /** The port, 0 for any that is free. */
        public Builder port(int newPort) {
            if (newPort < 0 || newPort > 65_535) {
                throw new UserError("--port must be in 0 .. 65535, but is " + newPort);
            }
            port = newPort;
            return this;
        }

        /** What every request to a route that is not open must bring; empty for nothing. */
        public Builder token(String newToken) {
            token = newToken;
            return this;
        }

        /** Answers to any name, not the loopback address's alone: for a server whose token pages cannot know. */
        public Builder anyHost() {
            hosts = Set.of();
            return this;
        }

        /** Pages of this origin, such as {@code http://localhost:3000}, may ask too. */
        public Builder origin(String origin) {
            origins.add(origin);
            return this;
        }

        /** How much it takes. */
        public Builder limits(Limits newLimits) {
            limits = newLimits;
            return this;
        }

        /** How errors are written. */
        public Builder errors(ErrorForm form) {
            errors = form;
            return this;
        }

        /** Answers GET and HEAD of a path; {@code {name}} stands for a part, {@code {name*}} for all that follow. The first route that fits answers. */
        public Builder get(String pattern, Handler handler) {
            return route("GET", pattern, handler);
        }

        /** Answers POST. */
        public Builder post(String pattern, Handler handler) {
            return route("POST", pattern, handler);
        }

        /** Answers a method. */
        public Builder route(String method, String pattern, Handler handler) {
            routes.add(Route.of(method, pattern, handler, false));
            return this;
        }

        /** Answers GET of a path without asking for the token: for signs of life. */
        public Builder open(String pattern, Handler handler) {
            routes.add(Route.of("GET", pattern, handler, true));
            return this;
        }

        /**
         * Answers GET of {@code /prefix/NAME} with a file beside a class, and of the prefix itself with index.html; other routes are asked first.
         *
         * @param prefix ends in a slash
         * @param folder beside {@code anchor}
         */
        public Builder files(String prefix, Class<?> anchor, String folder) {
            ClassPathFiles source = new ClassPathFiles(anchor, folder);
            files.add(Route.of("GET", prefix, call -> source.file("index.html", call), false));
            files.add(Route.of("GET", prefix + "{file*}", source, false));
            return this;
        }

        /**
         * Starts it.
         *
         * @throws UserError where the port is taken or the host is none of this machine
         */
        public WebServer start() {
            QueuedThreadPool threads = new QueuedThreadPool(limits.requests() + 8, Math.min(8, limits.requests() + 8));
            threads.setName("http");
            threads.setDaemon(true);
            Server server = new Server(threads);
            HttpConfiguration http = new HttpConfiguration();
            http.setSendServerVersion(false);
            http.setSendDateHeader(true);
            http.setRequestHeaderSize(32 << 10);
            PatientConnector connector = new PatientConnector(server, http, limits);
            connector.setHost(host);
            connector.setPort(port);
            server.addConnector(connector);
            server.addBean(new NetworkConnectionLimit(limits.connections(), server));
            Stopping stopping = new Stopping();
            WebServer made = new WebServer(server, connector, this, stopping);
            requireAddress();
            try {
                connector.open();
                Access access = new Access(token, hosts, origins);
                List<Route> all = new ArrayList<>(routes);
                all.addAll(files);
                server.setHandler(new Dispatcher(
                        List.copyOf(all),
                        access,
                        new TokenGate(access, connector.getLocalPort()),
                        errors,
                        limits,
                        stopping,
                        connector::isCrowded));
                server.start();
            } catch (IOException e) {
                connector.close();
                throw unusable(e);
            } catch (Exception e) {
                connector.close();
                throw new IllegalStateException("the server cannot start", e);
            }
            return made;
        }

        /**
         * Finds out, before anything long begins, whether the server could listen now.
         *
         * @throws UserError as {@link #start}
         */
        public Builder check() {
            InetAddress address = requireAddress();
            try (ServerSocket probe = new ServerSocket()) {
                probe.setReuseAddress(true);
                probe.bind(new InetSocketAddress(address, port));
            } catch (IOException e) {
                throw unusable(e);
            }
            return this;
        }

        private UserError unusable(IOException e) {
            return new UserError(
                    "port " + port + " of " + host + " cannot be used: " + e.getMessage()
                            + "; choose another --port, 0 for any that is free",
                    e);
        }

        private InetAddress requireAddress() {
            try {
                return InetAddress.getByName(host);
            } catch (UnknownHostException e) {
                throw new UserError(
                        "--host " + host + " is not known: name an address of this machine, such as 127.0.0.1", e);
            }
        }
    }

    /** The port. */
    public int port() {
        return connector.getLocalPort();
    }

    /** Such as {@code http://127.0.0.1:8000}. */
    public String origin() {
        String name = of.host.contains(":") ? "[" + of.host + "]" : of.host;
        return "http://" + name + ":" + port();
    }

    /** What to open in a browser: with the token, where there is one. */
    public String address() {
        return origin() + "/" + (of.token.isEmpty() ? "" : "?" + TokenGate.PARAMETER + "=" + of.token);
    }

    /** Ends with {@link #stop} and five seconds. */
    @Override
    public void close() {
        stop(GRACE);
    }

    /**
     * Ends it: new requests are answered with 503 at once, running ones may finish, and those that have not after {@code grace} are cut.
     */
    public synchronized void stop(Duration grace) {
        if (stopped) {
            return;
        }
        stopped = true;
        stopping.begin();
        ((Dispatcher) server.getHandler()).awaitRunning(grace);
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the server did not end cleanly", e);
        }
    }
}
