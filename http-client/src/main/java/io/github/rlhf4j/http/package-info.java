/**
 * Questions to servers: JSON by POST, asked again where that may help, several at a time, and each answer kept in a file of the stage's folder, from which a resumed run has it again.
 *
 * <p>Start at {@link io.github.rlhf4j.http.JsonClient}. Nothing here opens a connection to anything but the URL that the caller names.
 */
@NullMarked
package io.github.rlhf4j.http;

import org.jspecify.annotations.NullMarked;
