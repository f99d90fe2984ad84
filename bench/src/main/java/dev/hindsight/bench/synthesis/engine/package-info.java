/**
 * Who merges in {@code bench synthesis}, each in a JVM of its own: {@link
 * dev.hindsight.bench.synthesis.engine.EngineProcess} is the measuring side's handle, {@link
 * dev.hindsight.bench.synthesis.engine.EngineHost} the program on the other end of a loopback connection. Engines of
 * Cassandra 5.0.9 and 6.0-alpha2 are one class, compiled against 5.0.9; where the two differ it goes by name. One thread
 * measures at a time.
 */
@NullMarked
package dev.hindsight.bench.synthesis.engine;

import org.jspecify.annotations.NullMarked;
