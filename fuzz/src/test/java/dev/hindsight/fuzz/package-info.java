/**
 * Hostile bytes for every decoder of Cassandra's formats. Each target takes any bytes and may only refuse them by the
 * exceptions that its decoder promises. Without further ado the targets run their seeds and what fuzzing has found, as plain
 * tests; with {@code JAZZER_FUZZ=1} in the environment and one test named, Jazzer looks for more (docs/TESTING.md).
 */
@NullMarked
package dev.hindsight.fuzz;

import org.jspecify.annotations.NullMarked;
