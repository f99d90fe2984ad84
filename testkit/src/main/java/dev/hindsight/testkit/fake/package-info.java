/**
 * A cluster without Cassandra: {@link dev.hindsight.testkit.fake.FakeCluster} answers for ring and schema, {@link
 * dev.hindsight.testkit.fake.DirectoryAgent}s hold real SSTables that {@link dev.hindsight.testkit.fake.SmallTables}
 * writes. Everything runs in the test's process, so that every call can be cut.
 */
@NullMarked
package dev.hindsight.testkit.fake;

import org.jspecify.annotations.NullMarked;
