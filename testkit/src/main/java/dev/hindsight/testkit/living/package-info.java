/**
 * A {@link dev.hindsight.testkit.fake.FakeCluster} that lives: writes reach some replicas, memtables are flushed to real
 * SSTables, compaction merges and purges them, schema and ring change, nodes are out of reach. All by Cassandra's own
 * classes, in the test's process, on a clock that the test moves; what a read at ALL would give is read the same way.
 */
@NullMarked
package dev.hindsight.testkit.living;

import org.jspecify.annotations.NullMarked;
