/**
 * Cassandra's commit log without Cassandra: {@link dev.hindsight.codec.commitlog.SegmentReader} gives the frames of a segment
 * as raw bytes with their positions, {@link dev.hindsight.codec.commitlog.MutationDecoder} decodes such bytes, then or much
 * later, with the schemas of their time.
 */
package dev.hindsight.codec.commitlog;
