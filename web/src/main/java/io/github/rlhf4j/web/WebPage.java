package io.github.rlhf4j.web;

/**
 * A page: an entry of the navigation, a module of JavaScript (resource {@code pages/NAME.js} beside this class, which exports {@code show(place, parameters)}) and what answers its requests. All pages are in the list of {@link Ui}.
 */
public interface WebPage extends AutoCloseable {
    /** In addresses and of its module: a-z and -. */
    String name();

    /** In the navigation. */
    String title();

    /** Adds what answers its requests, below {@code /api/}. */
    void routes(Routes routes);

    /** Ends what it has begun; nothing by default. */
    @Override
    default void close() {}
}
