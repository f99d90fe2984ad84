/**
 * The merge itself: many cursors over sorted inputs to one stream of encoded partitions, by Cassandra's reconciliation.
 * Rows that all inputs hold alike pass through as bytes; only those that differ are taken apart.
 */
package dev.hindsight.synthesis.merge;
