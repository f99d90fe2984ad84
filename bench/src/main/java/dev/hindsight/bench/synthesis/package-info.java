/**
 * {@code bench synthesis}: the same SSTables merged by Cassandra's own compactions and by Hindsight, side by side. {@link
 * dev.hindsight.bench.synthesis.SynthesisBench} is the command. One thread.
 */
@NullMarked
package dev.hindsight.bench.synthesis;

import org.jspecify.annotations.NullMarked;
