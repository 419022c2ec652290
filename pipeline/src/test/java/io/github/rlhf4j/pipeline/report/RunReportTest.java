package io.github.rlhf4j.pipeline.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {
    @TempDir
    Path run;

    @BeforeEach
    void writeRun() throws IOException {
        write("summary.json", """
                {"name": "<script>x</script>", "seed": 7, "stages": {
                  "sft": {"type": "sft", "metrics": {"eval_loss": 1.25}, "seconds": 12.5, "prepare_seconds": 2, "peak_rss_mb": 800},
                  "eval": {"type": "evaluate", "metrics": {}, "seconds": 3,
                    "models": {"sft": {"hidden_utility": {"mean": 0.5, "se": 0.02, "n": 400},
                                       "by_use_case": {"open_qa": {"hidden_utility": {"mean": 0.4, "se": 0.1, "n": 40}}}},
                               "ppo": {"hidden_utility": {"mean": 0.75, "se": 0.02, "n": 400}}},
                    "differences": {"ppo-sft": {"hidden_utility": {"mean": 0.25, "se": 0.025, "n": 400}},
                                    "sft-ppo": {"hidden_utility": {"mean": -0.25, "se": 0.025, "n": 400}}}}}}
                """);
        StringBuilder metrics = new StringBuilder();
        for (int step = 1; step <= 500; step++) {
            metrics.append("{\"step\":%d,\"loss\":%s,\"num_tokens\":%d}\n".formatted(step, 3.0 / step, step * 10));
        }
        write("sft/metrics.jsonl", metrics + "{\"step\":500,\"eval_loss\":1.25}\n{\"step\":501,\"lo");
        write("sft/timing.jsonl", "{\"step\":500,\"elapsed_s\":9,\"tokens_per_second\":1234.5,\"rss_mb\":700}\n");
        write("sft/config.yaml", "type: sft  # <b>\n");
        write(
                "eval/samples.jsonl",
                "{\"step\":0,\"prompt\":\"Who? </td><img src=x onerror=y>\",\"use_case\":\"open_qa\",\"answers\":"
                        + "{\"sft\":{\"text\":\"I & <i>you</i>\",\"hidden_utility\":0.5},\"ppo\":{\"text\":\"'no' \\\"yes\\\"\"}}}\n");
    }

    @Test
    void nothingFromOutsideBecomesMarkup() {
        String html = RunReport.html(run);
        assertThat(html).doesNotContain("<script", "<img", "<i>you", "type: sft  # <b>");
        assertThat(html)
                .contains(
                        "&lt;script&gt;x&lt;/script&gt;",
                        "I &amp; &lt;i&gt;you&lt;/i&gt;",
                        "&#39;no&#39; &quot;yes&quot;");
    }

    @Test
    void needsNothingFromElsewhere() {
        assertThat(RunReport.html(run)).doesNotContain("http:", "https:", "src=\"", "@import", "url(");
    }

    @Test
    void everyDrawingIsWellFormed() {
        String html = RunReport.html(run);
        List<String> drawings = new ArrayList<>();
        for (int at = html.indexOf("<svg"); at >= 0; at = html.indexOf("<svg", at + 1)) {
            drawings.add(html.substring(at, html.indexOf("</svg>", at) + 6));
        }
        assertThat(drawings).hasSize(2); // loss and hidden utility
        for (String drawing : drawings) {
            assertThat(drawing).doesNotContain("NaN", "Infinity");
            assertThatCode(() -> DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(new ByteArrayInputStream(drawing.getBytes(StandardCharsets.UTF_8))))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void showsCurvesMeansDifferencesUseCasesAnswersAndTimings() {
        String html = RunReport.html(run);
        assertThat(html)
                .contains("training", "held out", "eval_loss")
                .contains("sft: 0.5000 ± 0.02000 (standard error), n = 400")
                .contains("<td>ppo-sft</td><td>0.2500</td><td>0.02500</td><td>10.0</td><td>400</td>")
                .doesNotContain("<td>sft-ppo</td>")
                .contains("<td>open qa</td>", "utility 0.5000")
                .contains("<td>12.5</td>", "<td>1,235</td>", "<td>800</td>");
    }

    @Test
    void aLongCurveIsThinnedByMeans() {
        List<LineChart.Point> points = new ArrayList<>();
        for (int step = 1; step <= 480; step++) {
            points.add(new LineChart.Point(step, step % 2));
        }
        assertThat(LineChart.thinned(points)).hasSize(240).allMatch(point -> point.value() == 0.5);
    }

    @Test
    void ticksAreRoundAndInside() {
        assertThat(Axis.around(0, 1, false, 0, 100).ticks(4))
                .containsExactly(0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0);
        assertThat(Axis.around(3, 3, true, 0, 100).ticks(4)).isNotEmpty();
    }

    @Test
    void numbersInChartsAreBrief() {
        assertThat(List.of(Html.brief(0), Html.brief(-0.34), Html.brief(1e-4), Html.brief(0.05), Html.brief(1200)))
                .containsExactly("0", "-0.34", "1e-4", "0.05", "1200");
    }

    private void write(String name, String text) throws IOException {
        Path file = run.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
