/**
 * From journal records back to SSTables: {@link dev.hindsight.synthesis.journal.JournalReplay} takes serialised updates in
 * the order of their partitions and writes what they amount to, as standard SSTables in scratch, which the merge of a
 * restore then reads like all others. Called by {@code engine} on the thread of the shard task; no class here is for
 * several threads.
 */
package dev.hindsight.synthesis.journal;
