/**
 * Receiving SSTables and giving them to the node: staging on the disks of the data directories, checked by digest, and
 * Cassandra's own import. Safe for several threads.
 */
package dev.hindsight.agent.receive;
