package io.github.rlhf4j.web.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.datasets.DataRecord;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.RecordJson;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.SplitSpec;
import io.github.rlhf4j.pipeline.model.ModelFolder;
import io.github.rlhf4j.web.Json;
import io.github.rlhf4j.web.Routes;
import io.github.rlhf4j.web.WebPage;
import io.github.rlhf4j.web.WebRequest;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Page Data: the rows of a dataset, searched and sorted; with a model's folder their tokens, coloured by trained or not. One dataset is open at a time. */
public final class DataPage implements WebPage {
    private static final int MOST_ROWS = 100;

    private final Datasets datasets;
    private String openKey = "";
    private @Nullable OpenDataset open;
    private String tokensKey = "";
    private @Nullable RowTokens tokens;

    public DataPage(Datasets datasets) {
        this.datasets = datasets;
    }

    @Override
    public String name() {
        return "data";
    }

    @Override
    public String title() {
        return "Data";
    }

    @Override
    public void routes(Routes routes) {
        routes.get("data", this::part);
    }

    private synchronized JsonNode part(WebRequest request) {
        OpenDataset data = open(request);
        OpenDataset.Found found = data.find(
                request.find("text").orElse(""),
                request.whole("least", 0, 0, Long.MAX_VALUE / 2),
                request.whole("most", Long.MAX_VALUE, 0, Long.MAX_VALUE),
                request.find("order").orElse(""));
        int from = (int) request.whole("from", 0, 0, Integer.MAX_VALUE);
        int count = (int) request.whole("count", 20, 1, MOST_ROWS);
        RecordSet<DataRecord> rows = data.rows();
        ObjectNode answer = Json.object();
        answer.put("kind", rows.kind().configName());
        answer.put("total", rows.size());
        answer.put("dropped", rows.dropReport().total());
        answer.put("found", found.rows().length);
        answer.put("searched", found.searched());
        @Nullable RowTokens seen = tokens(request, rows);
        answer.put("note", seen == null ? "" : seen.note());
        ArrayNode list = answer.putArray("rows");
        for (int i = from; i < Math.min((long) from + count, found.rows().length); i++) {
            DataRecord row = rows.get(found.rows()[i]);
            ObjectNode view = list.addObject();
            view.put("row", found.rows()[i]);
            view.set("record", Json.MAPPER.valueToTree(RecordJson.toMap(row)));
            view.put("characters", RecordJson.toLine(row).length());
            if (seen != null) {
                view.set("sequences", seen.of(row));
            }
        }
        return answer;
    }

    private OpenDataset open(WebRequest request) {
        long limit = request.whole("limit", DatasetSpec.NO_LIMIT, 1, DatasetSpec.NO_LIMIT);
        long seed = request.whole("seed", 0, 0, Long.MAX_VALUE);
        DatasetSpec spec = new DatasetSpec(
                request.text("dataset"), request.find("format").orElse(""), SplitSpec.ALL, limit, Map.of());
        String key = spec + " " + seed + " "
                + datasets.files(spec).map(files -> stamps(files)).orElse("");
        OpenDataset known = open;
        if (known == null || !key.equals(openKey)) {
            close();
            known = new OpenDataset(datasets, spec, seed);
            open = known;
            openKey = key;
        }
        return known;
    }

    /** By which a file that has changed is told. */
    private static String stamps(Iterable<Path> files) {
        StringBuilder stamps = new StringBuilder();
        files.forEach(file ->
                stamps.append(file.toFile().lastModified()).append(file.toFile().length()));
        return stamps.toString();
    }

    private @Nullable RowTokens tokens(WebRequest request, RecordSet<DataRecord> rows) {
        String model = request.find("model").orElse("");
        String key = model + " " + request.isOn("assistant_only_loss") + " " + openKey;
        if (!key.equals(tokensKey)) {
            closeTokens();
            if (!model.isEmpty()) {
                Path folder = folder(model);
                tokens = new RowTokens(
                        ModelFolder.isOne(folder) ? ModelFolder.of(folder) : folder,
                        rows,
                        request.isOn("assistant_only_loss"));
            }
            tokensKey = key;
        }
        return tokens;
    }

    private static Path folder(String model) {
        try {
            return Path.of(model);
        } catch (InvalidPathException e) {
            throw new UserError("no model: " + e.getMessage(), e);
        }
    }

    private void closeTokens() {
        RowTokens known = tokens;
        tokens = null;
        tokensKey = "";
        if (known != null) {
            known.close();
        }
    }

    @Override
    public synchronized void close() {
        closeTokens();
        OpenDataset known = open;
        open = null;
        openKey = "";
        if (known != null) {
            known.close();
        }
    }
}
