package io.github.rlhf4j.datasets;

/**
 * Where rows came from, for provenance.
 *
 * @param path as the run file has it; several separated by commas
 * @param sha256 of the bytes of the file, or of all files in their order, lower-case hexadecimal; of the rows as JSON lines where there is no file
 * @param contentHash SHA-256 that identifies exactly the rows taken, in their order: the key of what is computed from them
 * @param rows how many were taken
 */
public record DatasetOrigin(String path, String sha256, String contentHash, long rows) {}
