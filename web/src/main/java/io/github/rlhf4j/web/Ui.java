package io.github.rlhf4j.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.Rlhf4j;
import io.github.rlhf4j.server.Call;
import io.github.rlhf4j.server.WebServer;
import io.github.rlhf4j.web.chat.ChatPage;
import io.github.rlhf4j.web.commands.InspectPage;
import io.github.rlhf4j.web.commands.PlanPage;
import io.github.rlhf4j.web.commands.ProgramCommand;
import io.github.rlhf4j.web.data.DataPage;
import io.github.rlhf4j.web.model.ModelShelf;
import io.github.rlhf4j.web.rank.RankFolders;
import io.github.rlhf4j.web.rank.RankPage;
import io.github.rlhf4j.web.rollouts.RolloutsPage;
import io.github.rlhf4j.web.runs.RunFolders;
import io.github.rlhf4j.web.runs.RunsPage;
import io.github.rlhf4j.web.start.RunStarter;
import io.github.rlhf4j.web.start.StartPage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/**
 * The local page: a server on this machine's own address with a token in what it gives to open, and the pages. It reads the folders of runs; closing it loses nothing.
 *
 * <pre>{@code
 * try (Ui ui = Ui.start(new Ui.Setting(Path.of("runs"), 0, program, List.of("./rlhf4j")), engine)) {
 *     System.out.println(ui.address());
 *     ...
 * }
 * }</pre>
 */
public final class Ui implements AutoCloseable {
    private final WebServer server;
    private final List<WebPage> pages;

    private Ui(WebServer server, List<WebPage> pages) {
        this.server = server;
        this.pages = pages;
    }

    /**
     * What it shows and where.
     *
     * @param folder below which runs are
     * @param port 0 for any that is free
     * @param program runs the commands that are pages
     * @param launcher how the program is called, for runs that are started from the page
     */
    public record Setting(Path folder, int port, ProgramCommand program, List<String> launcher) {}

    /**
     * Starts it.
     *
     * @param engine checks run files and opens data; it stays the caller's
     * @throws io.github.rlhf4j.core.UserError when the port is taken
     */
    public static Ui start(Setting setting, Rlhf4j engine) {
        RunFolders folders = new RunFolders(setting.folder());
        StartPage start = new StartPage(engine, setting.program(), folders.root(), new RunStarter(setting.launcher()));
        ModelShelf models = new ModelShelf(() -> engine);
        RankFolders rankings = new RankFolders(folders.root(), Clock.systemUTC());
        return start(
                setting.port(),
                List.of(
                        new RunsPage(folders),
                        new RolloutsPage(folders, models),
                        start,
                        new DataPage(engine.datasets()),
                        new RankPage(folders.root(), rankings, models, engine::datasets, start::start),
                        new ChatPage(folders.root(), models, rankings::votes, Clock.systemUTC()),
                        new PlanPage(setting.program()),
                        new InspectPage(setting.program())));
    }

    /** Starts it with these pages. */
    static Ui start(int port, List<WebPage> pages) {
        WebServer.Builder server = WebServer.builder().port(port).token(WebServer.newToken());
        ServerRoutes routes = new ServerRoutes(server);
        routes.get("pages", request -> list(pages));
        pages.forEach(page -> page.routes(routes));
        return new Ui(server.files("/", Ui.class, "page").start(), pages);
    }

    private static JsonNode list(List<WebPage> pages) {
        ObjectNode answer = Json.object();
        ArrayNode list = answer.putArray("pages");
        pages.forEach(page -> list.addObject().put("name", page.name()).put("title", page.title()));
        return answer;
    }

    /** Routes on the server, below /api/. */
    private record ServerRoutes(WebServer.Builder server) implements Routes {
        private static final String BELOW = "/api/";
        private static final String SANDBOX =
                "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'";

        @Override
        public void get(String path, Answer answer) {
            server.get(BELOW + path, call -> io.github.rlhf4j.server.Answer.json(answer.of(request(call))));
        }

        @Override
        public void post(String path, Answer answer) {
            server.post(
                    BELOW + path,
                    call -> io.github.rlhf4j.server.Answer.json(
                            answer.of(new WebRequest(call.queries(), call.json()))));
        }

        @Override
        public void page(String path, Page page) {
            server.get(
                    BELOW + path,
                    call -> io.github.rlhf4j.server.Answer.text("text/html; charset=utf-8", page.of(request(call)))
                            .with("Content-Security-Policy", SANDBOX));
        }

        @Override
        public void events(String path, Events events) {
            server.get(
                    BELOW + path,
                    call -> io.github.rlhf4j.server.Answer.events(
                            new EventStream(sink -> events.begin(request(call), sink))));
        }

        private static WebRequest request(Call call) {
            return WebRequest.of(call.queries());
        }
    }

    /** What to open in a browser. */
    public String address() {
        return server.address();
    }

    @Override
    public void close() {
        try {
            server.close();
        } finally {
            for (int i = pages.size() - 1; i >= 0; i--) { // Chat uses what Rank closes
                pages.get(i).close();
            }
        }
    }
}
