package io.github.rlhf4j.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.rlhf4j.core.UserError;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WebServerTest {
    private static final String TOKEN = "0123456789abcdef";

    private static WebServer.Builder plain() {
        return WebServer.builder()
                .get("/api/runs/{run}", call -> Answer.json(Map.of("run", call.variable("run"))))
                .post("/api/echo", call -> Answer.json(call.json()))
                .files("/", WebServerTest.class, "pages");
    }

    @Test
    void answersARouteWithItsVariables() {
        try (WebServer server = plain().start()) {
            assertThat(RawClient.get(server.port(), "/api/runs/first%20one"))
                    .startsWith("HTTP/1.1 200")
                    .endsWith("{\"run\":\"first one\"}");
            assertThat(RawClient.get(server.port(), "/api/runs/")).startsWith("HTTP/1.1 404");
            assertThat(RawClient.post(server.port(), "/api/runs/a", "{}"))
                    .startsWith("HTTP/1.1 405")
                    .contains("Allow: GET");
            assertThat(RawClient.post(server.port(), "/api/echo", "{\"a\":1}")).endsWith("{\"a\":1}");
            assertThat(RawClient.post(server.port(), "/api/echo", "{\"a\":")).startsWith("HTTP/1.1 400");
        }
    }

    @Test
    void listensOnItsOwnAddressAlone() throws IOException {
        try (WebServer server = plain().start();
                Socket own = new Socket();
                Socket other = new Socket()) {
            own.connect(new InetSocketAddress("127.0.0.1", server.port()), 5000);
            InetSocketAddress another = new InetSocketAddress("127.0.0.2", server.port()); // this machine's, too
            assertThatThrownBy(() -> other.connect(another, 5000)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void refusesTheNameOfAnotherHost() { // DNS rebinding
        try (WebServer server = plain().start()) {
            assertThat(RawClient.get(server.port(), "/api/runs/a", "Host: evil.example:" + server.port()))
                    .startsWith("HTTP/1.1 403")
                    .contains("evil.example")
                    .doesNotContain("\"run\"");
            assertThat(RawClient.get(server.port(), "/api/runs/a", "Host: LocalHost:9"))
                    .startsWith("HTTP/1.1 200");
            assertThat(RawClient.get(server.port(), "/api/runs/a", "Host: [::1]:9"))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void refusesPagesOfOtherOrigins() { // CSRF
        try (WebServer server = plain().origin("http://allowed.example").start()) {
            String own = "http://localhost";
            assertThat(RawClient.post(server.port(), "/api/echo", "{}", "Origin: " + own))
                    .startsWith("HTTP/1.1 200");
            for (String origin :
                    new String[] {"http://evil.example", "null", "http://localhost.evil.example", "http://localhost:1"
                    }) {
                assertThat(RawClient.post(server.port(), "/api/echo", "{}", "Origin: " + origin))
                        .as(origin)
                        .startsWith("HTTP/1.1 403");
            }
            assertThat(RawClient.post(server.port(), "/api/echo", "{}", "Sec-Fetch-Site: cross-site"))
                    .startsWith("HTTP/1.1 403");
            assertThat(RawClient.post(server.port(), "/api/echo", "{}", "Origin: http://allowed.example"))
                    .startsWith("HTTP/1.1 200")
                    .contains("Access-Control-Allow-Origin: http://allowed.example");
            assertThat(RawClient.get(server.port(), "/api/runs/a")).doesNotContain("Access-Control");
        }
    }

    @Test
    void asksForTheToken() {
        try (WebServer server =
                plain().token(TOKEN).open("/health", call -> Answer.text("ok")).start()) {
            int port = server.port();
            assertThat(RawClient.get(port, "/")).startsWith("HTTP/1.1 401").contains("WWW-Authenticate: Bearer");
            assertThat(RawClient.get(port, "/nothing")).startsWith("HTTP/1.1 401");
            assertThat(RawClient.get(port, "/?token=wrong")).startsWith("HTTP/1.1 401");
            assertThat(RawClient.get(port, "/health")).startsWith("HTTP/1.1 200");
            assertThat(RawClient.get(port, "/", "Authorization: Bearer " + TOKEN))
                    .startsWith("HTTP/1.1 200");
            assertThat(RawClient.get(port, "/", "X-Api-Key: " + TOKEN)).startsWith("HTTP/1.1 200");
            assertThat(RawClient.get(port, "/", "Cookie: a=b; rlhf4j-" + port + "=" + TOKEN))
                    .startsWith("HTTP/1.1 200");
            assertThat(RawClient.get(port, "/", "Cookie: rlhf4j-1=" + TOKEN)).startsWith("HTTP/1.1 401");
        }
    }

    @Test
    void anOpenRouteOpensNoOther() {
        try (WebServer server = plain().token(TOKEN)
                .get("/{any}", call -> Answer.text("closed"))
                .post("/state", call -> Answer.text("changed"))
                .open("/health", call -> Answer.text("ok"))
                .open("/state", call -> Answer.text("ok"))
                .start()) {
            assertThat(RawClient.get(server.port(), "/health"))
                    .startsWith("HTTP/1.1 401"); // the first that fits is closed
            assertThat(RawClient.post(server.port(), "/state", "{}")).startsWith("HTTP/1.1 401");
            assertThat(RawClient.post(server.port(), "/state", "{}", "Authorization: Bearer " + TOKEN))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void aTokenInTheAddressBecomesACookie() {
        try (WebServer server = plain().token(TOKEN).start()) {
            assertThat(server.address()).isEqualTo(server.origin() + "/?token=" + TOKEN);
            assertThat(RawClient.get(server.port(), "/api/runs/a?x=1%262&token=" + TOKEN))
                    .startsWith("HTTP/1.1 303")
                    .contains("Location: /api/runs/a?x=1%262\r\n")
                    .contains("Set-Cookie: rlhf4j-" + server.port() + "=" + TOKEN
                            + "; Path=/; HttpOnly; SameSite=Strict");
            assertThat(RawClient.get(server.port(), "//evil.example/?token=" + TOKEN))
                    .doesNotContain("Location: //");
        }
    }

    @Test
    void givesFilesOfItsFolderAlone() {
        try (WebServer server = plain().start()) {
            String page = RawClient.get(server.port(), "/");
            assertThat(page)
                    .contains("Content-Type: text/html; charset=utf-8")
                    .contains("Content-Security-Policy: default-src 'none'")
                    .contains("X-Content-Type-Options: nosniff")
                    .contains("<!doctype html>");
            for (String path : new String[] {
                "/../secret.txt",
                "/%2e%2e/secret.txt",
                "/..%2fsecret.txt",
                "/a/../../secret.txt",
                "/..;/secret.txt",
                "/..\\secret.txt",
                "/.hidden.js",
                "//secret.txt"
            }) {
                assertThat(RawClient.get(server.port(), path))
                        .as(path)
                        .doesNotContain("secret\n")
                        .doesNotStartWith("HTTP/1.1 2");
            }
        }
    }

    @Test
    void aFileIsSentOnce() {
        try (WebServer server = plain().start()) {
            String script = RawClient.get(server.port(), "/app.js");
            String tag = script.replaceAll("(?s).*ETag: (\"[0-9a-f]+\").*", "$1");
            assertThat(script).contains("Content-Type: text/javascript");
            assertThat(RawClient.get(server.port(), "/app.js", "If-None-Match: " + tag))
                    .startsWith("HTTP/1.1 304")
                    .doesNotContain("export");
        }
    }

    @Test
    void refusesABodyThatIsTooLarge() {
        try (WebServer server =
                plain().limits(new Limits(1000, 4, 16, Duration.ofSeconds(5))).start()) {
            assertThat(RawClient.ask(
                            server.port(),
                            "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n"))
                    .startsWith("HTTP/1.1 413");
            String chunk = "3e8\r\n" + "1".repeat(1000) + "\r\n";
            assertThat(RawClient.ask(
                            server.port(),
                            "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    + chunk.repeat(3) + "0\r\n\r\n"))
                    .startsWith("HTTP/1.1 413");
            assertThat(RawClient.post(server.port(), "/api/echo", "\"" + "a".repeat(990) + "\""))
                    .startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void aSlowClientDoesNotKeepAThread() {
        try (WebServer server =
                plain().limits(new Limits(1000, 1, 16, Duration.ofMillis(300))).start()) {
            long start = System.nanoTime();
            assertThat(RawClient.ask(
                            server.port(),
                            "POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"a\""))
                    .doesNotStartWith("HTTP/1.1 2"); // 408, where the connection is not closed first
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(RawClient.get(server.port(), "/api/runs/a")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void aHandlerMayTakeLongerThanAClient() {
        try (WebServer server = WebServer.builder()
                .limits(new Limits(1000, 4, 16, Duration.ofMillis(200)))
                .get("/slow", call -> {
                    Thread.sleep(800);
                    return Answer.text("done");
                })
                .start()) {
            assertThat(RawClient.get(server.port(), "/slow")).endsWith("done");
        }
    }

    @Test
    void aRequestThatWaitsForAThreadIsNotIdle() {
        try (WebServer server = WebServer.builder()
                .limits(new Limits(
                        1000, 1, 64, Duration.ofMillis(300))) // a pool of 9 threads, two of them the server's own
                .get("/slow", call -> {
                    Thread.sleep(250);
                    return Answer.text("done");
                })
                .start()) {
            assertThat(together(21, () -> RawClient.get(server.port(), "/slow")))
                    .allSatisfy(answer -> assertThat(answer).endsWith("done")); // three rounds
        }
    }

    @Test
    void connectionsMakeRoomForThoseThatWait() {
        try (WebServer server =
                plain().limits(new Limits(1000, 8, 8, Duration.ofMinutes(1))).start()) {
            List<Socket> kept = Collections.synchronizedList(new ArrayList<>());
            long start = System.nanoTime();
            assertThat(together(40, () -> RawClient.getAndStay(server.port(), "/api/runs/a", kept)))
                    .allSatisfy(answer -> assertThat(answer).endsWith("{\"run\":\"a\"}"));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
            kept.forEach(RawClient::close);
        }
    }

    @Test
    void aHundredConnectAtOnceThoughFewAreTaken() throws Exception {
        try (WebServer server =
                plain().limits(new Limits(1000, 1, 1, Duration.ofMinutes(1))).start()) {
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < 100; i++) {
                    sockets.add(new Socket());
                    sockets.get(i)
                            .connect(
                                    new InetSocketAddress("127.0.0.1", server.port()),
                                    900); // who is not let in tries again after a second
                }
            } finally {
                sockets.forEach(RawClient::close);
            }
            assertThat(sockets).hasSize(100);
        }
    }

    /** The results of so many threads. */
    private static List<String> together(int clients, Supplier<String> client) {
        Executor threads = task -> new Thread(task).start();
        return IntStream.range(0, clients)
                .mapToObj(i -> CompletableFuture.supplyAsync(client, threads))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();
    }

    @Test
    void mistakesAreToldAndFailuresAreNot() {
        try (WebServer server = WebServer.builder()
                .get("/mistake", call -> {
                    throw new UserError("give a number");
                })
                .get("/busy", call -> {
                    throw new HttpFailure(429, "come again").with("Retry-After", "1");
                })
                .get("/bug", call -> {
                    throw new IllegalStateException("inner");
                })
                .start()) {
            assertThat(RawClient.get(server.port(), "/mistake"))
                    .startsWith("HTTP/1.1 400")
                    .endsWith("{\"error\":\"give a number\"}");
            assertThat(RawClient.get(server.port(), "/busy"))
                    .startsWith("HTTP/1.1 429")
                    .contains("Retry-After: 1");
            assertThat(RawClient.get(server.port(), "/bug"))
                    .startsWith("HTTP/1.1 500")
                    .doesNotContain("inner");
        }
    }

    @Test
    void streamsEventsAsTheyCome() throws Exception {
        CountDownLatch heard = new CountDownLatch(1);
        try (WebServer server = WebServer.builder()
                .get(
                        "/events",
                        call -> Answer.events(events -> {
                            events.json("first", Map.of("a", 1));
                            heard.await(5, TimeUnit.SECONDS); // the client has the first event before there is another
                            events.send("two\nlines");
                            events.json(Map.of("b", "zwölf\r\n\u2028"));
                        }))
                .start()) {
            HttpResponse<java.util.stream.Stream<String>> response = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(server.origin() + "/events"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofLines());
            StringBuilder text = new StringBuilder();
            response.body().forEach(line -> {
                text.append(line).append('\n');
                heard.countDown();
            });
            assertThat(response.headers().firstValue("Content-Type")).contains("text/event-stream");
            assertThat(text.toString())
                    .isEqualTo("event: first\ndata: {\"a\":1}\n\ndata: two\ndata: lines\n\n"
                            + "data: {\"b\":\"zwölf\\r\\n\u2028\"}\n\n"); // of JSON one line
        }
    }

    @Test
    void noticesThatAClientHasGone() throws Exception {
        CompletableFuture<Boolean> gone = new CompletableFuture<>();
        CountDownLatch begun = new CountDownLatch(1);
        try (WebServer server = WebServer.builder()
                .get("/long", call -> {
                    begun.countDown();
                    for (int i = 0; i < 500 && !call.isGone(); i++) {
                        Thread.sleep(10);
                    }
                    gone.complete(call.isGone());
                    return Answer.none();
                })
                .start()) {
            try (Socket socket = new Socket("127.0.0.1", server.port())) {
                socket.getOutputStream()
                        .write("GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                assertThat(begun.await(5, TimeUnit.SECONDS)).isTrue();
            }
            assertThat(gone.get(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void endsWhenRunningRequestsHaveTheirAnswers() throws Exception {
        CountDownLatch begun = new CountDownLatch(2);
        CountDownLatch go = new CountDownLatch(1);
        WebServer server = WebServer.builder()
                .get("/work", call -> {
                    begun.countDown();
                    go.await(5, TimeUnit.SECONDS);
                    return Answer.text("finished");
                })
                .get(
                        "/watch",
                        call -> Answer.events(events -> {
                            events.send("hello");
                            begun.countDown();
                            while (events.pause(Duration.ofSeconds(60))) {
                                events.keepAlive();
                            }
                        }))
                .start();
        int port = server.port();
        Executor threads = task -> new Thread(task).start(); // one each: all three block at once
        CompletableFuture<String> work = CompletableFuture.supplyAsync(() -> RawClient.get(port, "/work"), threads);
        CompletableFuture<String> watch = CompletableFuture.supplyAsync(() -> RawClient.get(port, "/watch"), threads);
        assertThat(begun.await(5, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Void> stop = CompletableFuture.runAsync(() -> server.stop(Duration.ofSeconds(10)), threads);
        assertThat(watch.get(5, TimeUnit.SECONDS)).contains("hello");
        assertThat(RawClient.get(port, "/work")).startsWith("HTTP/1.1 503");
        assertThat(stop.isDone()).isFalse();
        go.countDown();
        assertThat(work.get(5, TimeUnit.SECONDS)).endsWith("finished");
        stop.get(5, TimeUnit.SECONDS);
        assertThatThrownBy(() -> RawClient.get(port, "/work")).hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    void saysThatAPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> plain().port(taken.getLocalPort()).start())
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("port " + taken.getLocalPort() + " of 127.0.0.1 cannot be used");
        }
    }
}
