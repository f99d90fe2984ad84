/** Cassandra's compressors, of chunks of SSTables and of sections of commit logs alike. */
package dev.hindsight.codec.compress;
