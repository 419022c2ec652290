package io.github.rlhf4j.charts;

import java.util.List;

/** The looks of all charts, light and dark: by the reader's setting, or by {@code data-theme} of a page's root element. */
public final class ChartStyle {
    private static final List<String> DASHES = List.of("none", "7 3", "2 3", "9 3 2 3", "12 4", "5 2 1 2 1 2");
    private static final Colors LIGHT = new Colors(
            "#ffffff",
            "#1b1b1a",
            "#5d5d58",
            "#e0dfd9",
            List.of("#0072b2", "#c8500a", "#00795a", "#a8467f", "#8a6100", "#3d7d9e"));
    private static final Colors DARK = new Colors(
            "#1c1c1a",
            "#f2f1ec",
            "#aaa9a1",
            "#383732",
            List.of("#5aa9e6", "#f08a45", "#35c49a", "#e08cbc", "#e0b13e", "#8cc8e6"));

    private ChartStyle() {}

    private record Colors(String paper, String ink, String soft, String rule, List<String> series) {}

    /** The rules for {@code svg.rlchart}, for a page or a file. */
    public static String css() {
        return shapes() + colors("", LIGHT) + "@media (prefers-color-scheme: dark) {\n"
                + colors(":root:not([data-theme=light]) ", DARK) + colorsOfRoot(DARK) + "}\n"
                + colors(":root[data-theme=dark] ", DARK);
    }

    private static String shapes() {
        StringBuilder css = new StringBuilder("""
                .rlchart { display: block; max-width: 100%; height: auto; font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
                .rlchart text { font-size: 12px; }
                .rlchart .title { font-size: 15px; font-weight: 600; }
                .rlchart .grid { stroke-width: 1; }
                .rlchart .zero { stroke-width: 1.2; stroke-dasharray: 4 3; }
                .rlchart .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
                .rlchart .thin { stroke-width: 1.2; }
                .rlchart .bar { stroke-width: 1.4; }
                .rlchart .band { stroke: none; fill-opacity: 0.16; }
                .rlchart .block { fill-opacity: 0.32; stroke-width: 1; }
                .rlchart .mark { stroke-width: 0.8; }
                .rlchart .front { fill: none; stroke-width: 1.2; stroke-dasharray: 3 3; }
                """);
        for (int i = 0; i < DASHES.size(); i++) {
            css.append(".rlchart .d")
                    .append(i + 1)
                    .append(" { stroke-dasharray: ")
                    .append(DASHES.get(i))
                    .append("; }\n");
        }
        return css.toString();
    }

    private static String colors(String before, Colors colors) {
        String chart = before + ".rlchart ";
        StringBuilder css = new StringBuilder();
        css.append(chart).append(".paper { fill: ").append(colors.paper()).append("; }\n");
        css.append(chart).append("text { fill: ").append(colors.ink()).append("; }\n");
        css.append(chart).append("text.tick { fill: ").append(colors.soft()).append("; }\n");
        css.append(chart).append(".grid { stroke: ").append(colors.rule()).append("; }\n");
        css.append(chart).append(".zero { stroke: ").append(colors.soft()).append("; }\n");
        css.append(chart).append(".front { stroke: ").append(colors.ink()).append("; }\n");
        css.append(chart).append(".mark { stroke: ").append(colors.paper()).append("; }\n");
        for (int i = 0; i < colors.series().size(); i++) {
            String color = colors.series().get(i);
            int n = i + 1;
            css.append(chart)
                    .append(".s")
                    .append(n)
                    .append(" { stroke: ")
                    .append(color)
                    .append("; }\n");
            css.append(chart)
                    .append(".f")
                    .append(n)
                    .append(", ")
                    .append(chart)
                    .append(".m")
                    .append(n);
            css.append(" { fill: ").append(color).append("; }\n");
        }
        return css.toString();
    }

    /** In a file of its own the svg element is the root. */
    private static String colorsOfRoot(Colors colors) {
        return colors("", colors).replace(".rlchart ", ":root.rlchart ");
    }
}
