package io.github.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.rlhf4j.core.cluster.Cluster;
import io.github.rlhf4j.core.cluster.InProcessCluster;
import io.github.rlhf4j.core.kernels.cpu.CpuKernels;
import io.github.rlhf4j.datasets.DatasetSpec;
import io.github.rlhf4j.datasets.Datasets;
import io.github.rlhf4j.datasets.RecordSet;
import io.github.rlhf4j.datasets.TextRecord;
import io.github.rlhf4j.datasets.tokens.CachedExamples;
import io.github.rlhf4j.datasets.tokens.TokenizedWindow;
import io.github.rlhf4j.datasets.tokens.TokenizingOptions;
import io.github.rlhf4j.datasets.training.ModelText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents become the same tokens wherever they are tokenised. */
class TokensOnClusterTest {
    @TempDir
    private Path folder;

    @Test
    void theCacheThatWorkersMakeHasTheSameBytes() throws IOException {
        Path model = TinyModel.llama().write(folder.resolve("model"));
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 2_500; i++) {
            rows.append("{\"text\": \"Row ").append(i).append(" <s> is here, \u00fc and all.\"}\n");
        }
        Path data = Files.writeString(folder.resolve("rows.jsonl"), rows);
        try (CpuKernels kernels = new CpuKernels(1, 2);
                Cluster here = new InProcessCluster(kernels);
                Cluster there = new IsolatedCluster(kernels, 2)) {
            List<String> reports = List.of(tokens(model, data, "here", here), tokens(model, data, "there", there));
            assertThat(reports.get(1)).isEqualTo(reports.get(0));
        }
        try (Stream<Path> files = Files.walk(folder.resolve("here"))) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            assertThat(all).hasSizeGreaterThanOrEqualTo(3);
            for (Path file : all) {
                assertThat(folder.resolve("there")
                                .resolve(folder.resolve("here").relativize(file)))
                        .hasSameBinaryContentAs(file);
            }
        }
    }

    private String tokens(Path model, Path data, String cache, Cluster cluster) {
        try (ModelText text = ModelText.open(model, folder.resolve(cache));
                RecordSet<TextRecord> rows =
                        Datasets.ofFiles().open(DatasetSpec.of(data.toString()), TextRecord.class, 0)) {
            CachedExamples<TokenizedWindow> windows = text.cache().on(cluster).windows(rows, TokenizingOptions.of(64));
            return windows.report().toString();
        }
    }
}
