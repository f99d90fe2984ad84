/**
 * Decisions about chains of backups, as values: which stored layers make up a table at a backup, what of an SSTable a chain
 * has seen, and which shards a backup may store as what changed. Callers give what they know and act on what comes out; no
 * I/O, no clocks, safe for any thread.
 */
package dev.hindsight.model.chain;
