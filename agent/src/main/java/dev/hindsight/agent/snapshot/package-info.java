/**
 * Snapshots on disk: finding, listing, clearing, and the only place that turns names from the wire into paths of data
 * directories. Serves nothing but files inside {@code <keyspace>/<table>-<id>/snapshots/<tag>/}. Safe for several threads.
 */
package dev.hindsight.agent.snapshot;
