package io.github.rlhf4j.tracking;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rlhf4j.core.files.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** trackers/mlflow.json: which runs of MLflow are ours, and what they have not been told yet, so that a resumed run goes on with them. */
final class MlflowState {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @JsonProperty
    String url = "";

    @JsonProperty
    String experiment = "";

    /** The run that stages are nested in; empty: not made yet. */
    @JsonProperty("run_id")
    String runId = "";

    @JsonProperty
    Map<String, Stage> stages = new LinkedHashMap<>();

    /** One stage, by its name. */
    static final class Stage {
        /** Empty: not made yet. */
        @JsonProperty("run_id")
        String runId = "";

        @JsonProperty
        String type = "";

        @JsonProperty
        Map<String, String> config = new LinkedHashMap<>();

        /** What it came to; null until it is complete. */
        @JsonProperty
        @Nullable
        Map<String, Double> results;

        /** Whether MLflow knows everything. */
        @JsonProperty
        boolean told;
    }

    /** What there is, or a new state where there is none of this server and experiment. */
    static MlflowState read(Path file, String url, String experiment) {
        MlflowState state = new MlflowState();
        try {
            if (Files.isRegularFile(file)) {
                state = MAPPER.readValue(file.toFile(), MlflowState.class);
            }
        } catch (IOException e) {
            // damaged: begin anew
        }
        if (!state.url.equals(url) || !state.experiment.equals(experiment)) {
            state = new MlflowState();
            state.url = url;
            state.experiment = experiment;
        }
        return state;
    }

    void write(Path file) {
        try {
            AtomicFiles.writeString(
                    file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
