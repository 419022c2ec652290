package io.github.rlhf4j.server;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler.Abstract;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request after its headers have come: checks, route, body, handler, answer. */
final class Dispatcher extends Abstract {
    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
    private static final String POLICY = // where an answer names no other: what the server has itself, alone
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    private static final int MOST_RUNNING = Integer.MAX_VALUE;

    private final List<Route> routes;
    private final Access access;
    private final TokenGate gate;
    private final ErrorForm errors;
    private final Limits limits;
    private final Stopping stopping;
    private final BooleanSupplier isCrowded;
    private final Semaphore running = new Semaphore(MOST_RUNNING); // a permit for each request

    /** @param isCrowded whether a connection that has its answer is closed, since others wait */
    Dispatcher(
            List<Route> routes,
            Access access,
            TokenGate gate,
            ErrorForm errors,
            Limits limits,
            Stopping stopping,
            BooleanSupplier isCrowded) {
        this.routes = routes;
        this.access = access;
        this.gate = gate;
        this.errors = errors;
        this.limits = limits;
        this.stopping = stopping;
        this.isCrowded = isCrowded;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        running.acquireUninterruptibly();
        try {
            request.addIdleTimeoutListener(late -> false); // a handler may think longer than a client may stall
            Client client = new Client(request);
            send(answer(request, client), request, response, client);
            callback.succeeded();
            client.endIfSent();
        } catch (IOException e) { // the client has gone
            callback.failed(e);
        } catch (RuntimeException | Error e) {
            LOG.error("an answer could not be written", e);
            callback.failed(e);
        } finally {
            running.release();
        }
        return true;
    }

    private Answer answer(Request request, Client client) {
        try {
            if (stopping.isStopping()) {
                throw new HttpFailure(503, "the server is ending").with("Connection", "close");
            }
            return checked(request, client);
        } catch (HttpFailure e) {
            return failed(e);
        } catch (UserError e) {
            return failed(new HttpFailure(400, String.valueOf(e.getMessage())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(new HttpFailure(503, "the server is ending"));
        } catch (Exception | StackOverflowError e) {
            LOG.error("{} {} failed", request.getMethod(), request.getHttpURI().getPath(), e);
            return failed(new HttpFailure(500, "internal error; the server's messages say more"));
        }
    }

    private Answer checked(Request request, Client client) throws Exception {
        String host = header(request, "Host");
        String origin = header(request, "Origin");
        access.checkHost(host);
        access.checkOrigin(request.getMethod(), host, origin, header(request, "Sec-Fetch-Site"));
        if (request.getMethod().equals("OPTIONS") && access.isAllowed(origin)) {
            return Answer.none()
                    .with("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE")
                    .with("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Api-Key")
                    .with("Access-Control-Max-Age", "600");
        }
        String path = Optional.ofNullable(request.getHttpURI().getDecodedPath()).orElse("/");
        Call call = call(request, path, client);
        List<Route> fitting = fitting(path);
        Optional<Route> taking =
                fitting.stream().filter(one -> one.takes(request.getMethod())).findFirst();
        boolean open = taking.map(Route::isOpen).orElse(false); // no other route of the same path opens it
        if (!open) {
            Optional<Answer> instead = gate.pass(call);
            if (instead.isPresent()) {
                return instead.get();
            }
        }
        if (fitting.isEmpty()) {
            throw new HttpFailure(404, "there is nothing at " + path);
        }
        Route route = taking.orElseThrow(() -> new HttpFailure(405, request.getMethod() + " is not answered at " + path)
                .with("Allow", fitting.stream().map(Route::method).distinct().collect(Collectors.joining(", "))));
        byte[] body = new RequestBody(limits).read(request);
        return route.handler().handle(call.with(route.match(Route.parts(path)).orElseThrow(), body));
    }

    private List<Route> fitting(String path) {
        List<String> parts = path.startsWith("/") ? Route.parts(path) : List.of();
        return routes.stream().filter(route -> route.match(parts).isPresent()).toList();
    }

    /** Without variables and body. */
    private static Call call(Request request, String path, Client client) {
        Map<String, String> query = new LinkedHashMap<>();
        try {
            for (Fields.Field field : Request.extractQueryParameters(request)) {
                query.putIfAbsent(field.getName(), field.getValue());
            }
        } catch (RuntimeException e) {
            throw new HttpFailure(400, "the query of the address cannot be read");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (HttpField field : request.getHeaders()) {
            headers.putIfAbsent(
                    field.getName().toLowerCase(Locale.ROOT),
                    Optional.ofNullable(field.getValue()).orElse(""));
        }
        return new Call(request.getMethod(), path, Map.of(), query, headers, new byte[0], client::isGone);
    }

    private static String header(Request request, String name) {
        return Optional.ofNullable(request.getHeaders().get(name)).orElse("");
    }

    private Answer failed(HttpFailure failure) {
        Answer answer = Answer.json(failure.status(), errors.body(failure));
        for (Map.Entry<String, String> header : failure.headers().entrySet()) {
            answer = answer.with(header.getKey(), header.getValue());
        }
        return answer;
    }

    private void send(Answer answer, Request request, Response response, Client client) throws IOException {
        response.setStatus(answer.status());
        headers(answer, request, response);
        if (client.hasSent() || isCrowded.getAsBoolean()) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        if (answer.events().isPresent() && !request.getMethod().equals("HEAD")) {
            stream(answer.events().get(), request, response, client);
            return;
        }
        if (answer.status() != 304 && answer.status() != 204) {
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.body().length);
        }
        boolean hasBody = answer.body().length > 0 && !request.getMethod().equals("HEAD");
        Content.Sink.write(response, true, ByteBuffer.wrap(hasBody ? answer.body() : new byte[0]));
    }

    private void stream(EventSource source, Request request, Response response, Client client) throws IOException {
        try {
            source.run(new EventSink(response, client, stopping));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("a stream of {} failed", request.getHttpURI().getPath(), e);
        }
        Content.Sink.write(response, true, ByteBuffer.allocate(0));
    }

    private void headers(Answer answer, Request request, Response response) {
        Map<String, String> all = new LinkedHashMap<>();
        if (!answer.contentType().isEmpty()) {
            all.put("Content-Type", answer.contentType());
        }
        all.put("Cache-Control", "no-store");
        all.put("Content-Security-Policy", POLICY);
        all.put("X-Content-Type-Options", "nosniff");
        all.put("Referrer-Policy", "no-referrer");
        all.put("Cross-Origin-Opener-Policy", "same-origin");
        String origin = header(request, "Origin");
        if (access.isAllowed(origin)) {
            all.put("Access-Control-Allow-Origin", origin);
            all.put("Vary", "Origin");
        } else {
            all.put("Cross-Origin-Resource-Policy", "same-origin");
        }
        all.putAll(answer.headers());
        all.forEach((name, value) -> response.getHeaders().put(name, value.replaceAll("[\\r\\n]", " ")));
    }

    /** Waits until no request runs, at most for a time. */
    void awaitRunning(Duration most) {
        try {
            if (running.tryAcquire(MOST_RUNNING, most.toNanos(), TimeUnit.NANOSECONDS)) {
                running.release(MOST_RUNNING);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
