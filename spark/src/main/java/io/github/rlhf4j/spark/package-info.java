/**
 * Pure work of stages as jobs of Apache Spark: tasks and results are bytes, results are collected in the order of the inputs, and nothing merges in the order in which it completes.
 *
 * <p>Start at {@link io.github.rlhf4j.spark.SparkBackend}.
 */
@NullMarked
package io.github.rlhf4j.spark;

import org.jspecify.annotations.NullMarked;
