package io.github.rlhf4j.charts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChartsTest {
    private static final List<Point> LOSSES =
            List.of(Point.of(1, 3, 0.2), Point.of(10, 2, 0.1), Point.of(100, 1.5, 0.1));

    static Stream<Chart> all() {
        return Stream.of(
                new LineChart("Loss & more", "tokens", "loss, nats")
                        .logX()
                        .line("a < b", LOSSES)
                        .measured("b", LOSSES)
                        .fit("fit", LOSSES)
                        .level("start", 2.5),
                new LineChart("Empty", "x", "y"),
                new LineChart("Nothing finite", "x", "y").line("a", List.of(Point.of(1, Double.NaN))),
                new ScatterChart("Frontier", "KL", "reward")
                        .dots("DPO", List.of(new ScatterChart.Dot("beta=0.1", 1, 2, 0.1, 0.2)))
                        .curve("fit", LOSSES)
                        .front(false, true),
                new BarChart("Accuracy", "share").bar("sft", 0.5).bar("dpo, mine", "", new Point(0, 0.7, 0.6, 0.8)),
                new BarChart("Signs", "share").signs().bar("sft", "a", new Point(0, 5.1, 5, 5.2)),
                new HeatMap(
                        "Attention", "key", "query", List.of("x", "y"), List.of("p"), new double[][] {{1, Double.NaN}
                        }));
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyPictureIsWellFormedAndNeedsNothingElse(Chart chart) {
        for (String svg : List.of(chart.svg(), chart.inline())) {
            assertThatCode(() -> DocumentBuilderFactory.newInstance()
                            .newDocumentBuilder()
                            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8))))
                    .doesNotThrowAnyException();
            assertThat(svg).doesNotContain("NaN", "Infinity", "href", "url(");
        }
        assertThat(chart.svg()).contains("<style>", Texts.escape(chart.title()));
        assertThat(chart.inline()).doesNotContain("<style>");
        assertThat(chart.csv()).doesNotContain("NaN");
    }

    @Test
    void aLineIsAtTheValuesThatTheTicksSay() {
        String svg = new LineChart("t", "x", "y").logX().line("a", LOSSES).inline();
        Matcher line = Pattern.compile("<polyline class=\"line s1 d1\" points=\"([^\"]*)\"")
                .matcher(svg);
        assertThat(line.find()).isTrue();
        String[] points = line.group(1).strip().split(" ");
        double first = Double.parseDouble(points[0].split(",")[0]);
        double second = Double.parseDouble(points[1].split(",")[0]);
        double third = Double.parseDouble(points[2].split(",")[0]);

        assertThat(second - first).isCloseTo(third - second, within(0.2)); // a decade each
        Matcher tick = Pattern.compile("<text class=\"tick\" x=\"([0-9.]+)\"[^>]*middle\">10</text>")
                .matcher(svg);
        assertThat(tick.find()).isTrue();
        assertThat(Double.parseDouble(tick.group(1))).isCloseTo(second, within(0.2));
    }

    @Test
    void seriesAreToldApartWithoutColour() {
        LineChart chart = new LineChart("t", "x", "y");
        for (int i = 0; i < 12; i++) {
            chart.line("series " + i, LOSSES);
        }
        Matcher line = Pattern.compile("<polyline class=\"line (s\\d) (d\\d)\"").matcher(chart.inline());
        List<String> styles = new ArrayList<>();
        while (line.find()) {
            styles.add(line.group(1) + line.group(2));
        }
        assertThat(styles).hasSize(12).doesNotHaveDuplicates();
        assertThat(styles.subList(0, 6).stream().map(style -> style.substring(2)))
                .doesNotHaveDuplicates(); // dashes
        assertThat(ChartStyle.css()).contains("prefers-color-scheme: dark", "data-theme=dark");
    }

    @Test
    void theFrontHasWhatNothingBeats() {
        String svg = new ScatterChart("t", "KL", "reward")
                .dots(
                        "a",
                        List.of(
                                ScatterChart.Dot.of("near", 1, 1),
                                ScatterChart.Dot.of("beaten", 2, 0.5),
                                ScatterChart.Dot.of("far", 3, 2)))
                .front(false, true)
                .inline();
        Matcher front = Pattern.compile("class=\"front\" points=\"([^\"]*)\"").matcher(svg);
        assertThat(front.find()).isTrue();
        assertThat(front.group(1).strip().split(" ")).hasSize(2);
    }

    @Test
    void namesCoverNeitherEachOtherNorSigns() {
        List<ScatterChart.Dot> dots = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            dots.add(ScatterChart.Dot.of("kl_coef=0." + i, 1 + 0.01 * i, 1 + 0.02 * (i % 3)));
        }
        Matcher name = Pattern.compile("<text class=\"name\" x=\"([0-9.]+)\" y=\"([0-9.]+)\"[^>]*>([^<]*)<")
                .matcher(new ScatterChart("t", "x", "y").dots("a", dots).inline());
        List<double[]> boxes = new ArrayList<>();
        while (name.find()) {
            boxes.add(new double[] {
                Double.parseDouble(name.group(1)), Double.parseDouble(name.group(2)), Texts.width(name.group(3))
            });
        }
        assertThat(boxes).hasSizeGreaterThan(4);
        for (int i = 0; i < boxes.size(); i++) {
            for (int j = 0; j < i; j++) {
                double[] a = boxes.get(i);
                double[] b = boxes.get(j);
                boolean covers = a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && Math.abs(a[1] - b[1]) < 12.9;
                assertThat(covers).isFalse();
            }
        }
    }

    @Test
    void csvHasTheNumbersWithAllDigits() {
        assertThat(new LineChart("t", "x", "y")
                        .line("a, b", List.of(Point.of(1, 1.0 / 3, 0.5)))
                        .csv())
                .isEqualTo(
                        "series,x,y,low,high\n\"a, b\",1.0,0.3333333333333333,-0.16666666666666669,0.8333333333333333\n");
        assertThatThrownBy(() -> new HeatMap("t", "x", "y", List.of("a"), List.of("b"), new double[2][1]))
                .hasMessageContaining("(1, 1)");
    }
}
