/**
 * Measurements that are written down in {@code docs/MEASUREMENTS.md}: {@code ./hindsight bench <name>}. Nothing here
 * gates a landing. {@link dev.hindsight.bench.Bench} is the program, each subcommand one measurement; they run on real
 * processes and report what the operating system says of those. One thread, besides the samplers.
 */
@NullMarked
package dev.hindsight.bench;

import org.jspecify.annotations.NullMarked;
