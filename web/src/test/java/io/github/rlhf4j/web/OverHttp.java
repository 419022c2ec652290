package io.github.rlhf4j.web;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.function.Supplier;

/** Asks the server of a {@link Ui} as a browser does that has its token. */
final class OverHttp {
    private final HttpClient client = HttpClient.newHttpClient();
    private final Supplier<String> address;

    /** @param address as {@link Ui#address} gives it */
    OverHttp(Supplier<String> address) {
        this.address = address;
    }

    HttpRequest.Builder request(String path) {
        URI at = URI.create(address.get());
        String token = at.getQuery().substring("token=".length());
        return HttpRequest.newBuilder(at.resolve(path)).header("Authorization", "Bearer " + token);
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return send(request, HttpResponse.BodyHandlers.ofString());
    }

    <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler)
            throws IOException, InterruptedException {
        return client.send(request, handler);
    }

    /** Asks for JSON; paths of this and of the others are below /api/. */
    JsonNode get(String path) throws IOException, InterruptedException {
        return Json.MAPPER.readTree(send(request("/api/" + path).build()).body());
    }

    JsonNode post(String path, JsonNode body) throws IOException, InterruptedException {
        return Json.MAPPER.readTree(posted(path, body).body());
    }

    HttpResponse<String> posted(String path, JsonNode body) throws IOException, InterruptedException {
        return send(request("/api/" + path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
    }
}
