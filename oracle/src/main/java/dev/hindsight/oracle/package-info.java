/**
 * The reference synthesiser: the merge done by Cassandra's own classes, so that its reconciliation, purge and file
 * formats are Cassandra's by construction. {@link dev.hindsight.oracle.ReferenceSynthesiser} is the only public type; it
 * is found with {@link java.util.ServiceLoader}. Fetching uses a few threads of its own, merging runs on the caller's.
 *
 * <p>The way of a task: {@code InputFetcher} brings each input's wanted bytes to scratch and checks them, {@code
 * InputScanner} reads them as partitions, {@code PartitionPipeline} merges, shifts TTLs and purges, {@code GroupOutputs}
 * writes. Needs a JVM started with {@code dev/hindsight/oracle/jvm.options}.
 */
package dev.hindsight.oracle;
