/**
 * The seam between a shard task and whoever merges SSTables: a {@link dev.hindsight.synthesis.Synthesiser} reads many
 * sorted inputs and writes complete records, each once. Called by {@code engine} on the thread of the shard task; found
 * with {@link java.util.ServiceLoader}.
 */
package dev.hindsight.synthesis;
