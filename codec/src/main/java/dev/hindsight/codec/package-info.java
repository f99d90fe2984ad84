/** Cassandra's bytes without Cassandra. */
package dev.hindsight.codec;
