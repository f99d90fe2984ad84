/** Tests of this package's own classes against Cassandra's. */
package dev.hindsight.synthesis.merge;
