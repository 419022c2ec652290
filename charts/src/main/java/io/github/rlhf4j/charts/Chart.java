package io.github.rlhf4j.charts;

/** A picture and its numbers. */
public interface Chart {
    /** What it shows, in a few words. */
    String title();

    /** A whole SVG file, which needs nothing else. */
    String svg();

    /** The drawing for a page that has {@link ChartStyle#css()}: an svg element without a style and without the title, which belongs into the page's text. */
    String inline();

    /** Its numbers, with a line of names first. */
    String csv();
}
