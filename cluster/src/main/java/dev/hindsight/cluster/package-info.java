/** A live Cassandra cluster through the driver: ring, schema, DDL. {@link dev.hindsight.cluster.LiveCluster} is the seam. */
package dev.hindsight.cluster;
