package io.github.rlhf4j.datasets;

/**
 * Where rows came from, for provenance.
 *
 * @param path as the run file has it
 * @param sha256 of the file's bytes, lower-case hexadecimal; of the rows as JSON lines where there is no file
 * @param rows how many were taken
 */
public record DatasetOrigin(String path, String sha256, long rows) {}
