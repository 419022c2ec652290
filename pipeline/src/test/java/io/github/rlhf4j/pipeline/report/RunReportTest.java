package io.github.rlhf4j.pipeline.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.rlhf4j.charts.Axis;
import io.github.rlhf4j.core.UserError;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The structure of a report, of a run made up by hand: what is shown of what lies in the files, and that nothing of it becomes markup. */
class RunReportTest {
    private static final String HOSTILE = "</td></script><script>alert(1)</script><img src=x onerror=y>\"'&";

    @TempDir
    Path run;

    @BeforeEach
    void writeRun() throws IOException {
        write("summary.json", """
                {"name": "<script>x</script>", "seed": 7, "stages": {
                  "sft": {"type": "sft", "metrics": {"eval_loss": 1.25}, "seconds": 12.5, "prepare_seconds": 2, "peak_rss_mb": 800},
                  "reward": {"type": "reward", "metrics": {"eval_accuracy": 0.7, "eval_accuracy_se": 0.01, "score_shift": 0.5},
                    "calibration": {"bins": [{"from": 0.5, "to": 0.75, "n": 30, "predicted": 0.6, "observed": 0.55},
                                             {"from": 0.75, "to": 1, "n": 0}]}},
                  "ppo": {"type": "ppo", "metrics": {}},
                  "eval": {"type": "evaluate", "metrics": {}, "seconds": 3, "baseline": {"model": "sft"},
                    "models": {"sft": {"reward": {"mean": 0.5, "se": 0.02, "n": 40}, "kl": {"mean": 0, "se": 0, "n": 40},
                                       "length": {"mean": 10, "se": 0.1, "n": 40}},
                               "ppo": {"reward": {"mean": 0.75, "se": 0.02, "n": 40}, "kl": {"mean": 9, "se": 1, "n": 40},
                                       "length": {"mean": 20, "se": 0.1, "n": 40}}},
                    "differences": {"ppo-sft": {"reward": {"mean": 0.25, "se": 0.025, "n": 40}, "length": {"mean": 10, "se": 0.1, "n": 40}},
                                    "sft-ppo": {"reward": {"mean": -0.25, "se": 0.025, "n": 40}}},
                    "rankings": {"pairs.jsonl": {"accuracy": {"mean": 0.61, "se": 0.04, "n": 152}}}}}}
                """);
        for (String stage : List.of("sft", "reward", "ppo", "eval")) {
            write(stage + "/done.json", "{}");
            write(stage + "/config.yaml", "type: " + stage + "  # <b>\nmodel: sft\nreward_model: reward  # a.yaml:3\n");
        }
        StringBuilder metrics = new StringBuilder();
        for (int step = 1; step <= 2000; step++) {
            metrics.append("{\"step\":%d,\"loss\":%s,\"num_tokens\":%d}\n".formatted(step, 3.08e-3 / step, step * 10));
        }
        write("sft/metrics.jsonl", metrics + "{\"step\":2000,\"eval_loss\":1.25}\n{\"step\":2001,\"lo");
        write("sft/timing.jsonl", "{\"step\":500,\"elapsed_s\":9,\"tokens_per_second\":1234.5,\"rss_mb\":700}\n");
        write(
                "sft/messages.jsonl",
                "{\"level\":\"warning\",\"message\":\"875 of 1343 rows <cut>\"}\n"
                        + "{\"level\":\"check\",\"message\":\"self-check ok <x>\"}\n{\"level\":\"note\",\"message\":\"a note\"}\n");
        write(
                "ppo/metrics.jsonl",
                "{\"step\":1,\"objective/kl\":1,\"objective/raw_scores\":0.1}\n"
                        + "{\"step\":2,\"objective/kl\":4,\"objective/raw_scores\":0.3}\n");
        write(
                "eval/samples.jsonl",
                "{\"step\":0,\"prompt\":\"Who? </td><img src=x onerror=y>\",\"use_case\":\"open_qa\",\"answers\":"
                        + "{\"sft\":{\"text\":\"I & <i>you</i>\",\"reward\":0.5},\"ppo\":{\"text\":\"'no' \\\"yes\\\"\",\"reward\":0.7,\"win_rate\":1,\"kl\":3.5,\"ended\":0}}}\n"
                        + "{\"step\":0,\"prompt\":\"" + "A long prompt. ".repeat(200)
                        + "\",\"use_case\":\"\",\"answers\":{\"sft\":{\"text\":\"\"},\"ppo\":{\"text\":\"b\"}}}\n");
    }

    @Test
    void nothingFromOutsideBecomesMarkup() throws IOException {
        String quoted = HOSTILE.replace("\"", "\\\"");
        write("a<b>&'/config.yaml", "type: " + HOSTILE + "\n");
        write("a<b>&'/metrics.jsonl", "{\"step\":1,\"" + quoted + "\":1}\n");
        write(
                "a<b>&'/samples.jsonl",
                "{\"step\":1,\"prompt\":\"" + quoted + "\",\"" + quoted + "\":\"" + quoted + "\"}\n");
        write("a<b>&'/messages.jsonl", "{\"level\":\"warning\",\"message\":\"" + quoted + "\"}\n");
        write(
                "sft/provenance.json",
                "{\"command_line\":\"%s\",\"date\":\"%s\",\"config\":{\"%s\":{\"value\":\"%s\"}}}"
                        .formatted(quoted, quoted, quoted, quoted));
        String summary = Files.readString(run.resolve("summary.json"));
        write(
                "summary.json",
                summary.replace("\"ppo-sft\"", "\"" + quoted + "-sft\"").replace("pairs.jsonl", quoted));

        String html = RunReport.html(run);

        assertThat(html).doesNotContain("<img", "<i>you", "alert(1)<", "<b>&'");
        assertThat(html.split("<script", -1)).hasSize(2); // ours
        assertThat(html)
                .contains(
                        "&lt;script&gt;x&lt;/script&gt;",
                        "I &amp; &lt;i&gt;you&lt;/i&gt;",
                        "&#39;no&#39; &quot;yes&quot;");
    }

    @Test
    void aDamagedByteOfATextIsShownAndAFileThatIsNoJsonIsNamed() throws IOException {
        Path samples = run.resolve("eval/samples.jsonl");
        byte[] bytes = Files.readAllBytes(samples);
        bytes[new String(bytes, StandardCharsets.UTF_8).indexOf("Who?")] = (byte) 0xFF;
        Files.write(samples, bytes);
        assertThat(RunReport.html(run)).contains("\ufffdho?");
        write("summary.json", "{");
        assertThatThrownBy(() -> RunReport.html(run))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("summary.json is damaged: it is not valid JSON");
    }

    @Test
    void allowsItsOwnScriptAndNoOther() throws Exception {
        String html = RunReport.html(run);
        String script = html.substring(html.indexOf("<script>") + 8, html.indexOf("</script>"));
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
        assertThat(html)
                .contains(
                        "default-src 'none'",
                        "script-src 'sha256-" + Base64.getEncoder().encodeToString(hash) + "'");
    }

    @Test
    void needsNothingFromElsewhere() {
        assertThat(RunReport.html(run)).doesNotContain("http:", "https:", "src=\"", "@import", "url(");
    }

    @Test
    void everyPictureIsAlsoAnSvgAndACsvFileAtTheEndOfARun() throws Exception {
        assertThat(RunReport.html(run)).doesNotContain(">SVG<", "<!--csv");

        RunReport.finish(run);

        String page = Files.readString(run.resolve("report.html"));
        int figures = page.split("<figure>", -1).length - 1;
        assertThat(page).doesNotContain("<!--csv").contains("href=\"./charts/ppo-objective-kl.svg\"");
        try (var files = Files.list(run.resolve("charts"))) {
            for (Path file : files.toList()) {
                if (file.toString().endsWith(".svg")) {
                    figures--;
                    DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file.toFile());
                    assertThat(file).content().contains("xmlns=", "#0072b2").doesNotContain("var(");
                    assertThat(Path.of(file.toString().replace(".svg", ".csv"))).isNotEmptyFile();
                }
            }
        }
        assertThat(figures).isZero();
        assertThat(run.resolve("charts/ppo-objective-kl.csv"))
                .hasContent("series,step,value\ntraining,1.0,1.0\ntraining,2.0,4.0\n");
        assertThat(RunReport.html(run)).isEqualTo(page);
    }

    @Test
    void everyDrawingIsWellFormedAndNothingIsCut() throws Exception {
        List<Document> drawings = drawings(RunReport.html(run));
        assertThat(drawings).hasSizeGreaterThan(9);
        for (Document drawing : drawings) {
            String[] box = drawing.getDocumentElement().getAttribute("viewBox").split(" ");
            NodeList texts = drawing.getElementsByTagName("text");
            for (int i = 0; i < texts.getLength(); i++) {
                Element text = (Element) texts.item(i);
                double width = text.getTextContent().length()
                        * (text.getAttribute("class").equals("tick") ? 6.2 : 6.6);
                double x = Double.parseDouble(text.getAttribute("x"));
                double from = switch (text.getAttribute("text-anchor")) {
                    case "end" -> x - width;
                    case "middle" -> x - width / 2;
                    default -> x;
                };
                assertThat(from).as(text.getTextContent()).isGreaterThanOrEqualTo(-1);
                assertThat(from + width).as(text.getTextContent()).isLessThanOrEqualTo(Double.parseDouble(box[2]) + 1);
            }
        }
    }

    private static List<Document> drawings(String html) throws Exception {
        List<Document> drawings = new ArrayList<>();
        for (int at = html.indexOf("<svg"); at >= 0; at = html.indexOf("<svg", at + 1)) {
            String drawing = html.substring(at, html.indexOf("</svg>", at) + 6);
            assertThat(drawing).doesNotContain("NaN", "Infinity");
            drawings.add(DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new ByteArrayInputStream(drawing.getBytes(StandardCharsets.UTF_8))));
        }
        return drawings;
    }

    @Test
    void showsOfRealDataWhatTheRunComputed() {
        String html = RunReport.html(run);
        assertThat(html)
                .as("curves and means")
                .contains("training", "held out", "sft: 0.5000 ± 0.02000 (standard error), n = 40");
        assertThat(html)
                .as("paired differences, the better model first")
                .contains("<td>reward</td><td>ppo − sft</td><td>0.25</td><td>0.025</td><td>10.0</td><td>40</td>")
                .doesNotContain("<td>sft − ppo</td>");
        assertThat(html)
                .as("rewards beside the answers")
                .contains("reward 0.7 · win rate 1 · kl 3.5 · did not end", "(empty)");
        assertThat(html).as("rankings").contains("pairs.jsonl <small>", "reward model: 0.6100 ± 0.04000");
        assertThat(html).as("calibration").contains("predicted 0.6000, observed 0.5500, 30 pairs");
        assertThat(html)
                .as("the plane with PPO's way")
                .contains(
                        "reward over the root of KL",
                        "ppo&#39;s iterations",
                        "<title>ppo: 3, 0.7500 ± 0.02000</title>");
        assertThat(html).as("timings").contains("<td>12.5</td>", "<td>1,235</td>", "<td>800</td>");
        assertThat(html)
                .as("warnings and checks")
                .contains(
                        "Warnings</h3><ul><li>875 of 1343 rows &lt;cut&gt; <small>sft</small>",
                        "self-check ok &lt;x&gt;")
                .doesNotContain("a note");
    }

    @Test
    void drawsNoWayOfAPpoThatStartedElsewhere() throws IOException {
        write("ppo/config.yaml", "type: ppo\nmodel: other\nreward_model: reward\n");
        String html = RunReport.html(run);
        String plane = html.substring(html.indexOf("reward over the root of KL"));
        assertThat(plane.substring(0, plane.indexOf("</svg>"))).doesNotContain("iterations");
    }

    @Test
    void saysInWordsWhatWonAndWhatToDistrust() {
        assertThat(RunReport.html(run))
                .contains("<b>ppo</b> has the most reward: 0.250 ± 0.025 more than <b>sft</b>, over 40 prompts.")
                .contains("Sign of reward hacking, ppo: answers grow.")
                .contains("Only 40 prompts", "1 warning below", "Better means here");
    }

    @Test
    void flagsNoModelThatHasNoMoreReward() throws IOException {
        String summary = Files.readString(run.resolve("summary.json"));
        write(
                "summary.json",
                summary.replace(
                        "\"ppo-sft\": {\"reward\": {\"mean\": 0.25", "\"ppo-sft\": {\"reward\": {\"mean\": -0.25"));
        assertThat(RunReport.html(run)).doesNotContain("Sign of reward hacking");
    }

    @Test
    void showsAFailedSelfCheckAmongTheWarningsAndFoldsMany() throws IOException {
        StringBuilder messages = new StringBuilder("{\"level\":\"check\",\"passed\":false,\"message\":\"ratio: 2\"}\n");
        assertThat(RunReport.html(run)).doesNotContain("self-check failed");
        for (int i = 0; i < 12; i++) {
            messages.append("{\"level\":\"warning\",\"message\":\"number %d\"}\n".formatted(i));
        }
        write("ppo/messages.jsonl", messages.toString());
        assertThat(RunReport.html(run))
                .contains("self-check failed: ratio: 2", "All 14 warnings", "objective/raw_scores over the root of KL");
    }

    @Test
    void writesAMeanToTheSecondDigitOfItsError() {
        assertThat(Html.measured(0.0813, 0.0386)).isEqualTo("0.081 ± 0.039");
        assertThat(Html.measured(0.00349, 0.0435)).isEqualTo("0.003 ± 0.044");
        assertThat(Html.measured(123.4, 12.3)).isEqualTo("123 ± 12");
        assertThat(Html.measured(0.5, 0)).isEqualTo("0.5");
    }

    @Test
    void namesInAPlaneDoNotCover() {
        ScatterChart chart = new ScatterChart("", "", "");
        for (int i = 0; i < 4; i++) {
            chart.dot(new ScatterChart.Dot("model-" + i, i, 1 + i * 0.01, 2 + i * 0.01, 0.001));
        }
        String figure = chart.dot(new ScatterChart.Dot("far", 4, 9, 9, 0)).figure();
        assertThat(figure.split("<text class=\"name\"", -1)).hasSize(6);
        List<String> places = new ArrayList<>();
        for (String part : figure.split("<text class=\"name\"", -1)) {
            places.add(part.substring(0, Math.max(0, part.indexOf(" text-anchor"))));
        }
        assertThat(places.subList(1, 6)).doesNotHaveDuplicates();
    }

    @Test
    void explainsEveryMetricThatItShows() {
        assertThat(RunReport.html(run))
                .contains("<span id=\"m-kl\">kl</span>", "href=\"#m-kl\"", "nats, less is better");
    }

    @Test
    void foldsLongPromptsAndSortsByTheDecidingMetric() {
        String html = RunReport.html(run);
        assertThat(html)
                .contains(
                        "<details class=\"prompt long\">",
                        "<div class=\"prompt\">Who?",
                        "data-values=\"[0.5,0.7]\"",
                        "data-values=\"[null,null]\"",
                        "ppo gains most over sft");
    }

    @Test
    void rendersARunThatIsNotComplete() throws IOException {
        Files.delete(run.resolve("ppo/done.json"));
        write("ppo/config.yaml", "type: ppo  # a.yaml:1\nmax_steps: 40  # a.yaml:2\n");
        write("ppo/timing.jsonl", "{\"step\":2}\n");
        assertThat(RunReport.html(run))
                .contains(
                        "Stage <b>ppo</b> is not complete: step 2 of 40. This page is of ",
                        "http-equiv=\"refresh\"",
                        "objective/kl");
        Files.delete(run.resolve("summary.json")); // as while the first stage runs
        Files.delete(run.resolve("ppo/timing.jsonl"));
        assertThat(RunReport.html(run)).contains("nothing is logged yet").contains("<h1>" + run.getFileName());
    }

    @Test
    void showsTheSamePromptOverTheSteps() throws IOException {
        StringBuilder samples = new StringBuilder();
        for (int step = 1; step <= 9; step++) {
            samples.append("{\"step\":%d,\"prompt\":\"fixed\",\"response\":\"answer %d\",\"score\":%d}\n"
                    .formatted(step, step, step));
        }
        write("ppo/samples.jsonl", samples.toString());
        String html = RunReport.html(run);
        assertThat(html)
                .contains("The same prompts over the steps", "step 1</div>", "answer 3", "answer 6", "step 9</div>");
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
        assertThat(Html.count(1, "stage") + Html.count(2, "stage")).isEqualTo("1 stage2 stages");
        assertThat(Html.link("a b/ü.json", "<")).isEqualTo("<a href=\"./a%20b/%C3%BC.json\">&lt;</a>");
    }

    @Test
    void findsTheMetricOfANamedHeldOutSet() {
        assertThat(MetricGuide.base("eval_loss")).isEqualTo("loss");
        assertThat(MetricGuide.evalSet("eval_loss")).isEmpty();
        assertThat(MetricGuide.base("eval_hard_ones_loss")).isEqualTo("loss");
        assertThat(MetricGuide.evalSet("eval_hard_ones_loss")).isEqualTo("hard_ones");
        assertThat(MetricGuide.base("eval_a_mean_token_accuracy")).isEqualTo("mean_token_accuracy");
        assertThat(MetricGuide.base("eval_rewards/margins")).isEqualTo("rewards/margins");
        assertThat(MetricGuide.base("eval_unheard_of")).isEqualTo("unheard_of");
    }

    @Test
    void laysGaosCurveThroughWhatFollowsItAndThroughNothingElse() {
        OverOptimization curve = new OverOptimization(1.5, 0.8);
        List<LineChart.Point> way = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            way.add(new LineChart.Point(i * 0.25, 0.3 + curve.reinforcement(i * 0.25)));
        }
        CurveFit fit = CurveFit.through(way).orElseThrow();
        assertThat(fit.start()).isCloseTo(0.3, within(1e-6));
        assertThat(fit.curve().alpha()).isCloseTo(1.5, within(1e-6));
        assertThat(fit.curve().beta()).isCloseTo(0.8, within(1e-6));
        assertThat(fit.explained()).isCloseTo(1, within(1e-9));
        assertThat(CurveFit.through(way.subList(0, 5))).isEmpty();
        List<LineChart.Point> same =
                way.stream().map(point -> new LineChart.Point(1, point.value())).toList();
        assertThat(CurveFit.through(same)).isEmpty();
    }

    private void write(String name, String text) throws IOException {
        Path file = run.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
