package io.github.rlhf4j.lab;

/** What a page measures beyond the metrics of its stages. A class with a constructor without parameters, named in page.yaml. */
public interface Measure {
    /** Measures one run; called once a seed where the page has no run file. */
    default void measure(Subject subject) {}

    /** Draws conclusions from all that was measured, such as a fit. */
    default void conclude(Findings findings) {}
}
