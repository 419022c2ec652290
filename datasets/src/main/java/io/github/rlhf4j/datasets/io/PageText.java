package io.github.rlhf4j.datasets.io;

/**
 * What is left of a page.
 *
 * @param text empty where it has none, as a picture has
 * @param whyNone why it cannot be read, to follow "rows dropped: "; empty where it can
 */
record PageText(String text, String whyNone) {
    static final PageText NONE = new PageText("", "");

    /** A text, unless it is blank. */
    static PageText of(String text) {
        return text.isBlank() ? NONE : new PageText(text, "");
    }

    /** A page that cannot be read. */
    static PageText unread(String why) {
        return new PageText("", why);
    }
}
