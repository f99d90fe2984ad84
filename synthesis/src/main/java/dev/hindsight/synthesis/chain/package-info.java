/**
 * The two kinds of stored shard: all there is in some ranges, and only what changes the merged state of stored layers. Both
 * with fingerprints. Called by {@code engine} on the thread of a shard task.
 */
package dev.hindsight.synthesis.chain;
