package io.github.rlhf4j.datasets.io;

import io.github.rlhf4j.core.cluster.Cluster;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * How a file becomes rows.
 *
 * @param separator what is between the documents of a file of raw text; empty: the file is one
 * @param wanted whether a column is of use, by its name; the others of a Parquet file are not read
 * @param limit how long a row may be
 * @param workers make texts of the HTML of web archives; empty: this process does. Rows do not depend on it
 */
public record ReadOptions(String separator, Predicate<String> wanted, RowLimit limit, Optional<Cluster> workers) {
    /** Every column; a file of text is one document. */
    public static final ReadOptions ALL = new ReadOptions("", column -> true);

    public ReadOptions(String separator, Predicate<String> wanted) {
        this(separator, wanted, RowLimit.USUAL, Optional.empty());
    }
}
