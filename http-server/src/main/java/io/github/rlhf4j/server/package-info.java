/**
 * A small HTTP server on Jetty, for pages and programs of this machine: routes to plain classes, JSON, server-sent events, files of the class path, and the checks that a server on a loopback address needs.
 *
 * <p>Start at {@link io.github.rlhf4j.server.WebServer}. Unless the caller says otherwise, other machines, other hosts' names (DNS rebinding), pages of other origins (CSRF) and callers without the token are refused.
 */
@NullMarked
package io.github.rlhf4j.server;

import org.jspecify.annotations.NullMarked;
