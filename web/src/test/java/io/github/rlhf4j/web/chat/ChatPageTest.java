package io.github.rlhf4j.web.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rlhf4j.GenerationOptions;
import io.github.rlhf4j.LanguageModel;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.PreferencePair;
import io.github.rlhf4j.datasets.chat.ChatMessage;
import io.github.rlhf4j.ranking.RankingExport;
import io.github.rlhf4j.testing.TinyModel;
import io.github.rlhf4j.web.Asked;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.model.ModelShelf;
import io.github.rlhf4j.web.rank.RankFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatPageTest {
    private static final String TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n"
            + "{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";
    private static final String SETTINGS = "{'max_new_tokens': 12, 'seed': 3}";

    @TempDir
    static Path models;

    private static Rlhf4j engine = Rlhf4j.builder().threads(1).build();

    @TempDir
    Path root;

    private ModelShelf shelf = new ModelShelf(() -> engine);
    private RankFolders rankings = new RankFolders(Path.of("."), Clock.systemUTC());
    private ChatPage page = new ChatPage(Path.of("."), shelf, rankings::votes, Clock.systemUTC());
    private Asked asked = new Asked(page);

    @BeforeAll
    static void write() throws IOException {
        for (int seed = 1; seed <= 2; seed++) {
            Path folder = TinyModel.llama().seed(seed).write(models.resolve("m" + seed));
            Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
        }
        TinyModel.llama().seed(3).write(models.resolve("plain"));
    }

    @AfterAll
    static void end() {
        engine.close();
    }

    @BeforeEach
    void open() {
        shelf = new ModelShelf(() -> engine);
        begin();
    }

    private void begin() {
        rankings = new RankFolders(root, Clock.systemUTC());
        page = new ChatPage(root, shelf, rankings::votes, Clock.systemUTC());
        asked = new Asked(page);
    }

    @AfterEach
    void close() {
        page.close();
        rankings.close();
        shelf.close();
    }

    private static String model(String name) {
        return "{'model': '" + models.resolve(name) + "'}";
    }

    private String said(String id, String parent, String role, String content) {
        String text = Json.object()
                .put("id", id)
                .put("parent", parent)
                .put("role", role)
                .put("content", content)
                .toString();
        return asked.post("chat/message", text).path("id").asText();
    }

    private List<Asked.Event> answer(String id, String parent, String settings, String... names) throws Exception {
        List<String> chosen = new ArrayList<>();
        for (String name : names) {
            chosen.add(model(name));
        }
        String turn = asked.post(
                        "chat/answer",
                        "{'id': '%s', 'parent': '%s', 'models': [%s], 'blind': true, 'settings': %s}"
                                .formatted(id, parent, String.join(",", chosen), settings))
                .path("turn")
                .asText();
        return asked.events("chat/events", "turn", turn);
    }

    private static JsonNode done(List<Asked.Event> events, String side) {
        return events.stream()
                .filter(event -> event.name().equals("done")
                        && event.data().path("side").asText().equals(side))
                .findFirst()
                .orElseThrow(() -> new AssertionError(events.toString()))
                .data()
                .path("message");
    }

    private static String pieces(List<Asked.Event> events, String side) {
        StringBuilder text = new StringBuilder();
        events.stream()
                .filter(event -> event.name().equals("piece")
                        && event.data().path("side").asText().equals(side))
                .forEach(event -> text.append(event.data().path("text").asText()));
        return text.toString();
    }

    @Test
    void streamsAnAnswerWithTheProbabilitiesOfItsTokens() throws Exception {
        String id = asked.post("chat/new", "{}").path("id").asText();
        String user = said(id, said(id, "", "system", "Be short."), "user", "Hello");
        List<Asked.Event> events = answer(id, user, SETTINGS, "m1");
        JsonNode message = done(events, "A");
        assertThat(pieces(events, "A"))
                .isEqualTo(message.path("content").asText())
                .isNotEmpty();
        try (LanguageModel model = engine.languageModel(models.resolve("m1"))) {
            assertThat(message.path("content").asText()) // as the command chat answers
                    .isEqualTo(model.chat(
                            List.of(new ChatMessage("system", "Be short."), new ChatMessage("user", "Hello")),
                            GenerationOptions.builder().maxNewTokens(12).seed(3).build()));
        }
        StringBuilder joined = new StringBuilder();
        message.path("tokens").forEach(token -> joined.append(token.path("text").asText()));
        assertThat(joined).hasToString(message.path("content").asText());
        for (JsonNode token : message.path("tokens")) {
            assertThat(token.path("top")).hasSize(5);
            double most = token.path("top").get(0).path("log_prob").asDouble();
            assertThat(token.path("log_prob").asDouble()).isLessThanOrEqualTo(most + 1e-6);
            for (JsonNode other : token.path("top")) {
                if (other.path("id").asInt() == token.path("id").asInt()) {
                    assertThat(other.path("log_prob").asDouble())
                            .isCloseTo(token.path("log_prob").asDouble(), within(1e-5));
                }
            }
        }
        assertThat(events.get(events.size() - 1).name()).isEqualTo("end");
    }

    @Test
    void keepsBranchesWhenItIsOpenedAgain() throws Exception {
        String id = asked.post("chat/new", "{}").path("id").asText();
        String user = said(id, said(id, "", "system", ""), "user", "One");
        JsonNode first = done(answer(id, user, SETTINGS, "m1"), "A");
        JsonNode again = done(answer(id, user, SETTINGS, "m1"), "A");
        JsonNode other = done(answer(id, user, "{'max_new_tokens': 12, 'seed': 4}", "m1"), "A");
        said(id, first.path("id").asText(), "user", "And then?");
        String edited = said(id, "1", "user", "Two");
        page.close();
        rankings.close();
        begin();
        JsonNode tree = asked.get("chat/tree", "id", id).path("messages");
        assertThat(tree).hasSize(7);
        assertThat(again.path("content")).isEqualTo(first.path("content")); // the same seed
        assertThat(other.path("content")).isNotEqualTo(first.path("content"));
        assertThat(tree.get(6).path("id").asText()).isEqualTo(edited);
        assertThat(tree.get(2).path("settings").path("seed").asInt()).isEqualTo(3);
        assertThat(asked.get("chat/list").get(0).path("title").asText()).isEqualTo("One");
    }

    @Test
    void tellsWhoAnsweredAfterTheVoteAndKeepsItAsAPair() throws Exception {
        String id = asked.post("chat/new", "{}").path("id").asText();
        String user = said(id, said(id, "", "system", "Be kind."), "user", "Hi");
        List<Asked.Event> events = answer(id, user, SETTINGS, "m1", "m2");
        JsonNode a = done(events, "A");
        JsonNode b = done(events, "B");
        assertThat(events.toString()).doesNotContain("m1").doesNotContain("m2");
        assertThat(asked.get("chat/tree", "id", id).toString())
                .doesNotContain("m1")
                .doesNotContain("m2")
                .doesNotContain("swapped");
        String turn = a.path("turn").asText();
        assertThatThrownBy(() -> asked.page(
                        "chat/attention", "id", id, "message", a.path("id").asText()))
                .isInstanceOf(UserError.class);
        JsonNode result = asked.post(
                "chat/vote", "{'id': '%s', 'turn': '%s', 'choice': 'B', 'person': 'Ann'}".formatted(id, turn));
        assertThat(result.path("chosen")).isEqualTo(b.path("id"));
        List<String> names = List.of(
                result.path("models").path("A").path("model").asText(),
                result.path("models").path("B").path("model").asText());
        assertThat(names)
                .containsExactlyInAnyOrder(
                        models.resolve("m1").toString(), models.resolve("m2").toString());
        assertThat(asked.get("chat/tree", "id", id).toString()).contains("m1").contains("m2");
        PreferencePair pair = RankingExport.of(rankings.votes()).pairs().get(0);
        assertThat(pair.chosen().key()).contains(b.path("content").asText());
        assertThat(pair.rejected().key()).contains(a.path("content").asText());
        assertThat(pair.prompt().key()).contains("Be kind.").contains("Hi");
        assertThatThrownBy(() -> asked.post(
                        "chat/vote", "{'id': '%s', 'turn': '%s', 'choice': 'A', 'person': 'Ann'}".formatted(id, turn)))
                .isInstanceOf(UserError.class);
        // of the candidates, which are in the order in which the models were chosen, the right one is the better
        int better = names.get(1).endsWith("m1") ? 0 : 1;
        assertThat(rankings.votes().answers().get(0).ranks().get(better)).isEqualTo(1);
        assertThat(rankings.votes().items().get(0).candidates().get(0).source()).endsWith("m1");
    }

    @Test
    void tellsWhoAnsweredWhereTheOtherFailed() throws Exception {
        String id = asked.post("chat/new", "{}").path("id").asText();
        String user = said(id, "", "user", "Hi");
        List<Asked.Event> events = answer(id, user, SETTINGS, "m1", "absent");
        assertThat(events).extracting(Asked.Event::name).contains("failed", "done");
        assertThat(asked.get("chat/tree", "id", id)
                        .path("messages")
                        .get(1)
                        .path("model")
                        .path("model")
                        .asText())
                .endsWith("m1");
    }

    @Test
    void isStopped() throws Exception {
        String id = asked.post("chat/new", "{}").path("id").asText();
        String user = said(id, "", "user", "Hi");
        String turn = asked.post(
                        "chat/answer",
                        "{'id': '%s', 'parent': '%s', 'models': [%s], 'settings': {'max_new_tokens': 80}}"
                                .formatted(id, user, model("m1")))
                .path("turn")
                .asText();
        asked.post("chat/stop", "{'turn': '%s'}".formatted(turn));
        JsonNode message = done(asked.events("chat/events", "turn", turn), "A");
        assertThat(message.path("finish").asText()).isEqualTo("stopped");
        assertThat(message.path("tokens").size()).isLessThan(80);
    }

    @Test
    void showsWhatAnAnswerAttendedTo() throws Exception {
        String id = asked.post("chat/new", "{}").path("id").asText();
        JsonNode message = done(answer(id, said(id, "", "user", "Hi <b>"), SETTINGS, "m1"), "A");
        String html = asked.page(
                "chat/attention", "id", id, "message", message.path("id").asText());
        assertThat(html).contains("the result of attention is the model's own").doesNotContain("Hi <b>");
    }

    @Test
    void continuesPlainTextWithoutATemplate() throws Exception {
        String id = asked.post("chat/new", "{}").path("id").asText();
        JsonNode message = done(answer(id, said(id, "", "user", "Once"), SETTINGS, "plain"), "A");
        assertThat(message.path("plain").asBoolean()).isTrue();
    }

    @Test
    void keepsHostileTextsAsTheyAreAndAnswersThemAsJson() throws Exception {
        String hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202Egpj.exe\u001b[2J";
        String id = asked.post("chat/new", "{}").path("id").asText();
        String user = said(id, "", "user", hostile);
        done(answer(id, user, SETTINGS, "m1"), "A");
        assertThat(asked.get("chat/tree", "id", id)
                        .path("messages")
                        .get(0)
                        .path("content")
                        .asText())
                .isEqualTo(hostile);
    }

    @Test
    void namesMistakes() throws Exception {
        String id = asked.post("chat/new", "{}").path("id").asText();
        String user = said(id, "", "user", "Hi");
        List<Asked.Event> events = answer(id, user, "{'temperature': 1}", "absent");
        assertThat(events).extracting(Asked.Event::name).containsExactly("failed", "end");
        assertThat(events.get(0).data().path("error").asText()).contains("does not exist");
        assertThatThrownBy(() -> answer(id, user, "{'temperature': 0}", "m1"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("temperature must be");
        assertThatThrownBy(() -> asked.get("chat/tree", "id", "../../etc/passwd"))
                .isInstanceOf(UserError.class);
        assertThatThrownBy(() -> said(id, "99", "user", "x")).isInstanceOf(UserError.class);
    }

    @Test
    void loadsTwoModelsAtMostAndGivesThemBack() throws Exception {
        String id = asked.post("chat/new", "{}").path("id").asText();
        String user = said(id, "", "user", "Hi");
        for (String name : List.of("m1", "m2", "plain")) {
            answer(id, user, SETTINGS, name);
        }
        assertThat(asked.get("chat/models").path("loaded")).hasSize(2);
        assertThat(asked.get("chat/models").path("loaded").toString()).doesNotContain("m1");
        assertThat(asked.post("chat/give-back", "{}")).isEmpty();
    }
}
