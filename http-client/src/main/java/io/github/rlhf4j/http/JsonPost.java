package io.github.rlhf4j.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.Printable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** One question by POST, asked again after a pause where that may help: no connection, no answer in time, one that is cut or no JSON, what its reader refuses, status 408, 425, 429 and 5xx. */
final class JsonPost {
    static final ObjectMapper MAPPER = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(30))
            .build();
    private static final Set<Integer> PASSING = Set.of(408, 425, 429);

    private final Endpoint endpoint;
    private final HttpSettings settings;

    JsonPost(Endpoint endpoint, HttpSettings settings) {
        this.endpoint = endpoint;
        this.settings = settings;
    }

    /** What became of one attempt. */
    private record Attempt<T>(Optional<T> answer, String failure, boolean again, Duration pause) {
        static <T> Attempt<T> failed(String failure, boolean again) {
            return new Attempt<>(Optional.empty(), failure, again, Duration.ZERO);
        }
    }

    /**
     * The reply to a body.
     *
     * @param reader throws {@link BadAnswer} for what is no answer
     */
    <T> Reply<T> ask(JsonNode body, Function<JsonNode, T> reader) throws InterruptedException {
        byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
        for (int made = 1; ; made++) {
            Attempt<T> attempt = attempt(bytes, reader);
            if (attempt.answer().isPresent()) {
                return Reply.of(attempt.answer().get());
            }
            if (!attempt.again() || made >= settings.attempts()) {
                String times = made == 1 ? "" : ", at the last of " + made + " attempts";
                return Reply.failed(Printable.line(endpoint.shown() + " " + attempt.failure() + times));
            }
            Duration wait = settings.pauseAfter(made);
            Duration longer = attempt.pause().compareTo(wait) > 0 ? attempt.pause() : wait;
            Thread.sleep(longer.toMillis());
        }
    }

    private <T> Attempt<T> attempt(byte[] body, Function<JsonNode, T> reader) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.url())
                .timeout(settings.timeout())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        endpoint.headers().forEach(request::setHeader);
        CompletableFuture<HttpResponse<byte[]>> sent = CLIENT.sendAsync(request.build(), info -> new LimitedBody());
        try {
            return read(sent.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS), reader);
        } catch (TimeoutException e) {
            return Attempt.failed(late(), true);
        } catch (ExecutionException e) {
            return Attempt.failed(failure(Objects.requireNonNullElse(e.getCause(), e)), true);
        } finally {
            sent.cancel(true);
        }
    }

    private String late() {
        return "gave no whole answer within " + settings.timeout().toMillis() / 1000.0 + " s";
    }

    private String failure(Throwable cause) {
        if (cause instanceof HttpTimeoutException) {
            return late();
        }
        if (cause instanceof ConnectException) {
            return "cannot be reached: " + (cause.getMessage() == null ? "no connection" : cause.getMessage());
        }
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return cause instanceof IOException ? "gave no whole answer: " + why : "cannot be asked: " + why;
    }

    private <T> Attempt<T> read(HttpResponse<byte[]> response, Function<JsonNode, T> reader) {
        int status = response.statusCode();
        String text = new String(response.body(), StandardCharsets.UTF_8);
        if (status / 100 != 2) {
            boolean again = PASSING.contains(status) || status >= 500;
            return new Attempt<>(
                    Optional.empty(), "answered with status " + status + shown(text), again, retryAfter(response));
        }
        try {
            JsonNode json = MAPPER.readTree(text);
            if (json.isMissingNode()) {
                return Attempt.failed("gave an empty answer", true);
            }
            return new Attempt<>(Optional.of(reader.apply(json)), "", false, Duration.ZERO);
        } catch (JsonProcessingException e) {
            return Attempt.failed("must answer in JSON, but answered" + shown(text), true);
        } catch (BadAnswer e) {
            return Attempt.failed(endpoint.quoted(String.valueOf(e.getMessage())) + shown(text), true);
        }
    }

    private String shown(String text) {
        String line = endpoint.quoted(text);
        return line.isEmpty() ? "" : ": " + line;
    }

    /** The header Retry-After: seconds or a date; nothing where there is none or it cannot be read. */
    private static Duration retryAfter(HttpResponse<?> response) {
        String given = response.headers().firstValue("Retry-After").orElse("").strip();
        Duration wait = Duration.ZERO;
        try {
            if (given.matches("[0-9]{1,9}")) {
                wait = Duration.ofSeconds(Long.parseLong(given));
            } else if (!given.isEmpty()) {
                Instant until = ZonedDateTime.parse(given, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant();
                wait = Duration.between(Instant.now(), until);
            }
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(HttpSettings.LONGEST_PAUSE) < 0 ? wait : HttpSettings.LONGEST_PAUSE;
    }
}
