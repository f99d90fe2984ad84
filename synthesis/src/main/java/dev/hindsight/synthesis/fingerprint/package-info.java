/**
 * Fingerprints: 64-bit hashes of what runs of partitions hold, made while a merge writes, kept beside a stored shard, and
 * compared by the next incremental, so that what compaction merely rewrote is known without reading it back (FORMAT.md,
 * Fingerprints). Called by {@code cursor} and by {@code engine}; everything here belongs to one thread.
 */
package dev.hindsight.synthesis.fingerprint;
