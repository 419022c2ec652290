package io.github.rlhf4j.web.runs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.rlhf4j.core.UserError;
import io.github.rlhf4j.pipeline.run.RunProcess;
import io.github.rlhf4j.web.Json;
import java.util.List;
import java.util.Locale;

/** How the experiments are that runs are of: state, how many runs are complete, the latest one. */
final class Experiments {
    private Experiments() {}

    /**
     * Those around some runs, by their names.
     *
     * @param runs names of runs
     */
    static ArrayNode of(RunFolders folders, List<String> runs) {
        ArrayNode list = Json.array();
        for (String name : folders.experiments(runs)) {
            try {
                RunProcess.of(folders.experiment(name)).ifPresent(process -> list.add(view(name, process)));
            } catch (UserError e) {
                // removed meanwhile
            }
        }
        return list;
    }

    private static ObjectNode view(String name, RunProcess process) {
        ObjectNode view = Json.object();
        view.put("experiment", name);
        view.put("state", process.state().name().toLowerCase(Locale.ROOT));
        view.put("complete", process.step());
        view.put("runs", process.steps());
        view.put("latest", process.stage());
        view.put("message", process.message());
        view.put("begun", process.begun().toEpochMilli());
        return view;
    }
}
